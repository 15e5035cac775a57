internal import Glibc

/// "exited with 1" or "was killed by signal 9", from a wait status (wait(2)).
func describeExit(_ status: Int32) -> String {
    let signal = status & 0x7f
    return signal == 0 ? "exited with \((status >> 8) & 0xff)" : "was killed by signal \(signal)"
}

/// Where the system's programs are, and which Debian package brings each.
enum ProgramPath {
    private static let packages = [
        "ip": "iproute2", "nft": "nftables", "nsenter": "util-linux", "unshare": "util-linux", "tee": "coreutils",
        "tar": "tar", "tail": "coreutils", "wg": "wireguard-tools", "podman": "podman netavark crun aardvark-dns",
    ]

    static func find(_ name: String) throws(LabError) -> String {
        if name.contains("/") { return name }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        for directory in directories where access("\(directory)/\(name)", X_OK) == 0 { return "\(directory)/\(name)" }
        throw .missingProgram(name, package: packages[name] ?? name)
    }
}
