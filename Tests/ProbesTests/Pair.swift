import TestSupport

/// A veth `eth0` on both: 10.9.0.1 and fd09::1 on `near`, 10.9.0.2 and fd09::2 on `far`.
func connect(_ near: TestHost, _ far: TestHost) throws {
    try shell(
        """
        set -e
        ip -n \(near.name) link add eth0 type veth peer name eth0 netns \(far.name)
        for side in "\(near.name) 1" "\(far.name) 2"; do
            set -- $side
            ip -n $1 addr add 10.9.0.$2/24 dev eth0
            ip -n $1 addr add fd09::$2/64 dev eth0 nodad
            ip -n $1 link set eth0 up
        done
        """)
}
