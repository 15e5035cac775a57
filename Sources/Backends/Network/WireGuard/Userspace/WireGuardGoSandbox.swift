internal import Descriptors
internal import Glibc

/// What wireguard-go may do: open a tunnel device, sockets for UDP and routing, and its own socket file. It parses
/// packets of strangers as root, so it gets access to nothing else of the host.
enum WireGuardGoSandbox {
    /// NET_ADMIN: the tunnel device, and the firewall mark of its packets. NET_BIND_SERVICE: listen ports below 1024.
    private static let capabilities = ["net_admin", "net_bind_service"]

    /// The properties of its transient unit (systemd.exec(5)), on a host with systemd. Only those of systemd 247: an
    /// unknown one would prevent the start. `UnitSecurityTests` rates them.
    static let properties =
        [
            "CapabilityBoundingSet=" + capabilities.map { "CAP_" + $0.uppercased() }.joined(separator: " "),
            "NoNewPrivileges=yes",
            // NETLINK: it follows the routes to its peers. UNIX: the socket by which wgd configures it.
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX",
            // Its socket's directory, which wgd's unit shares and which must outlive them both.
            "RuntimeDirectory=wireguard", "RuntimeDirectoryMode=0755", "RuntimeDirectoryPreserve=yes",
            "DevicePolicy=closed", "DeviceAllow=/dev/net/tun rw",
            "ProtectSystem=strict", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources",
            "SystemCallErrorNumber=EPERM", "SystemCallArchitectures=native", "ProtectProc=invisible", "ProcSubset=pid",
            // Its memory contains the private key.
            "LimitCORE=0", "UMask=0077",
        ]
        + [
            "ProtectHome", "PrivateTmp", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
            "ProtectControlGroups", "ProtectClock", "ProtectHostname", "RestrictNamespaces", "RestrictRealtime",
            "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute",
        ].map { $0 + "=yes" }

    private static let setpriv = "/usr/bin/setpriv"
    private static let prlimit = "/usr/bin/prlimit"

    /// The same without systemd, as far as programs of util-linux can: capabilities, no new privileges, no core.
    ///
    /// There is no filter of system calls: those that Go's runtime makes differ between versions and processors, and a
    /// list without one of them would end the tunnel. systemd maintains such lists.
    ///
    /// - Parameter mayDropCapabilities: whether this process may (`CAP_SETPCAP`); one that may not is in a sandbox
    ///   already.
    static func confined(_ program: Program, mayDropCapabilities: Bool = mayDropCapabilities()) -> Program {
        guard access(setpriv, X_OK) == 0, access(prlimit, X_OK) == 0 else { return program }
        var words = ["--no-new-privs"]
        if mayDropCapabilities {
            let kept = capabilities.map { ",+" + $0 }.joined()
            words += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all" + kept]
        }
        var confined = program
        confined.path = setpriv
        confined.arguments = words + ["--", prlimit, "--core=0", "--", program.path] + program.arguments
        return confined
    }

    /// `CapEff` of proc(5), in hexadecimal; CAP_SETPCAP is bit 8 (linux/capability.h).
    static func mayDropCapabilities() -> Bool {
        guard let file = try? Descriptor(opening: "/proc/self/status", flags: O_RDONLY), let bytes = try? file.readAll()
        else { return false }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let effective = lines.first { $0.hasPrefix("CapEff:") }?.dropFirst("CapEff:".count)
        let digits = effective?.filter(\.isHexDigit) ?? ""
        return UInt64(digits, radix: 16).map { $0 & 1 << 8 != 0 } ?? false
    }
}
