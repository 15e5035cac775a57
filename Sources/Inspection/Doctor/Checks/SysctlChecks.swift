extension Doctor {
    static func sysctls(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        [writable(host)] + forwarding(host, expected) + [reversePathFilter(host, expected)]
            + acceptedAdvertisements(host, expected) + [routeCache(host, expected)].compactMap(\.self)
    }

    private static func writable(_ host: HostInspection) -> Diagnosis {
        let area = Diagnosis.Area.sysctl
        guard host.sysctls.isReadOnly else { return area.ok("/proc/sys", "writable") }
        return area.problem(
            "/proc/sys", "mounted read-only", why: "wgd cannot switch forwarding on, nor set its bridge up",
            remedy: [
                "mount -o remount,rw /proc/sys", "in a container: run it with --privileged, or on the host itself",
            ])
    }

    /// wgd enables forwarding itself, so this checks what disables it again.
    private static func forwarding(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let keys = [("net/ipv4/ip_forward", true), ("net/ipv6/conf/all/forwarding", expected.hasIPv6)]
        return keys.filter(\.1).map { key, _ in
            let area = Diagnosis.Area.sysctl
            let name = key.dotted
            let assignments = host.sysctls.files.flatMap { SysctlFile.assignments($0) }
            let aliases = key == "net/ipv4/ip_forward" ? [key, "net/ipv4/conf/all/forwarding"] : [key]
            if let last = assignments.last(where: { aliases.contains($0.key) }), last.value == "0" {
                return area.warning(
                    name, "\(last.path) sets it to 0",
                    why: "each sysctl --system, and each boot, cuts containers off until wgd sees it",
                    remedy: ["take that line out of \(last.path)", "sysctl -w \(name)=1"])
            }
            let value = host.sysctls.values[key]
            guard value == "0", host.daemon.isRunning, expected.assumption == nil else {
                return area.ok(name, value.map { $0 == "0" ? "0; wgd sets it to 1" : $0 } ?? "not there")
            }
            return area.problem(
                name, "0, while wgd runs", why: "containers do not reach other hosts",
                remedy: ["wgctl resync", "wgctl events"])
        }
    }

    /// Strict filtering drops packets that arrive on another interface than the one that answers leave by. With a
    /// single default route there is no such packet.
    private static func reversePathFilter(_ host: HostInspection, _ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.sysctl
        let values = host.sysctls.values
        let ways = host.network.defaultRoutes.subtracting(expected.interfaces).sorted()
        // The kernel uses the larger of both: ip-sysctl.rst.
        let strict = ways.filter { name in
            let own = Int(values["net/ipv4/conf/\(name)/rp_filter"] ?? "") ?? 0
            return max(own, Int(values["net/ipv4/conf/all/rp_filter"] ?? "") ?? 0) == 1
        }
        guard ways.count > 1, !strict.isEmpty else {
            return area.ok(
                "rp_filter",
                strict.isEmpty
                    ? "not strict on \(ways.isEmpty ? "any way out" : ways.listed)"
                    : "strict on \(strict.listed), the only way out")
        }
        return area.warning(
            "rp_filter", "strict on \(strict.listed), and default routes go by \(ways.listed)",
            why: "peers' packets that come in by another interface than the answer leaves by are dropped",
            remedy: [
                "put this into /etc/sysctl.d/90-wgctl.conf, then run sysctl --system:"
            ] + strict.map { "net.ipv4.conf.\($0.replacing(".", with: "/")).rp_filter = 2" })
    }

    /// With forwarding on, the kernel accepts router advertisements only where accept_ra is 2.
    private static func acceptedAdvertisements(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.sysctl
        guard expected.hasIPv6 else { return [] }
        let deaf = host.network.advertisedRoutes.sorted().filter {
            host.sysctls.values["net/ipv6/conf/\($0)/accept_ra"] == "1"
        }
        guard !deaf.isEmpty else { return [area.ok("accept_ra", "no default route depends on it")] }
        return [
            area.problem(
                "accept_ra",
                "1 on \(deaf.listed), whose IPv6 default route comes from a router advertisement",
                why: "once wgd has switched IPv6 forwarding on, the kernel ignores advertisements there, and the route "
                    + "is gone when it expires",
                remedy: ["put this into /etc/sysctl.d/90-wgctl.conf, then run sysctl --system:"]
                    + deaf.map { "net.ipv6.conf.\($0.replacing(".", with: "/")).accept_ra = 2" })
        ]
    }

    /// Before Linux 6.3 (and its stable backports) each processor's copy of a used IPv6 route counted against this
    /// limit (net/ipv6/route.c, ip6_dst_gc): beyond it sending fails with ENETUNREACH.
    private static func routeCache(_ host: HostInspection, _ expected: ExpectedHost) -> Diagnosis? {
        let area = Diagnosis.Area.sysctl
        guard let limit = host.sysctls.values["net/ipv6/route/max_size"].flatMap({ Int($0) }),
            expected.routesIPv6 > 0
        else { return nil }
        guard expected.routesIPv6 > limit / 2 else { return area.ok("net.ipv6.route.max_size", "\(limit)") }
        return area.warning(
            "net.ipv6.route.max_size", "\(limit), for \(expected.routesIPv6) routes to other hosts",
            why: "beyond it the kernel refuses to send: Network is unreachable",
            remedy: [
                "put this into /etc/sysctl.d/90-wgctl.conf, then run sysctl --system:",
                "net.ipv6.route.max_size = \(expected.routesIPv6 * 16)",
            ])
    }
}

extension String {
    /// As sysctl(8) spells a key; a dot within an interface's name becomes a slash.
    fileprivate var dotted: String {
        String(map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }
}
