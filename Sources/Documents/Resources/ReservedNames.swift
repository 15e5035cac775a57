/// Names that mean something to the kernel, to Podman or to systemd, so that no manifest may give them to something else.
enum ReservedNames {
    /// Every Linux host has the interface `lo`; `all` and `default` are directories of its settings beside those of the
    /// interfaces (ip-sysctl.rst): what is written there for an interface of that name would hold for all of them.
    static let interfaces: Set<String> = ["all", "default", "lo"]

    /// What Podman takes for a network mode and refuses as the name of a network: seven by Podman 4.3 (tried), `pasta`
    /// and `default` by later ones too (`NetworkCreate` in pkg/domain/infra/abi/network.go); and `podman`, its own.
    static let networks: Set<String> = [
        "bridge", "container", "default", "host", "none", "ns", "pasta", "podman", "private", "slirp4netns",
    ]

    /// Secrets that wgctl makes of files, for one container each; the first is the prefix of earlier releases.
    static let secretPrefixes = ["wgctl-", "wgctl."]

    /// Why a label may not be given to a container; nil when it may.
    static func problem(ofLabel key: String) -> (reason: String, remedy: String)? {
        if key.hasPrefix("dev.wgctl.") {
            return ("labels that begin with dev.wgctl. are the daemon's own", "rename it")
        }
        // podman-auto-update(1) restarts the unit in PODMAN_SYSTEMD_UNIT with another image; io.containers.capabilities
        // takes capabilities away (podman-create(1)).
        if key == "PODMAN_SYSTEMD_UNIT" || key.hasPrefix("io.containers.") {
            return (
                "io.containers. labels and PODMAN_SYSTEMD_UNIT make Podman act on the container by itself", "remove it"
            )
        }
        return nil
    }
}
