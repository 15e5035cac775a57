import HostState

extension KernelDifference {
    /// In the planner's order, which matters: proxy_delay before proxy_arp.
    mutating func compareSysctls() {
        for sysctl in desired.sysctls {
            if let interface = SysctlKey.interface(of: sysctl.key), isBlocked(interface) { continue }
            let before = observed.sysctls[sysctl.key]
            if before != sysctl.value { emit(.setSysctl(sysctl, before: before)) }
        }
    }

    /// Restores settings that are no longer desired, except on interfaces that are deleted with their settings.
    mutating func restoreSysctls() {
        let wanted = Set(desired.sysctls.map(\.key))
        for (key, value) in inventory.sysctlsBefore.sorted(by: { $0.key < $1.key }) where !wanted.contains(key) {
            guard let now = observed.sysctls[key], now != value else { continue }
            if let interface = SysctlKey.interface(of: key) {
                guard let link = observed.links[interface], !isOurs(link), !context.frozen.contains(link) else {
                    continue
                }
            } else if observed.links.values.contains(where: context.frozen.contains) {
                // A frozen overlay keeps forwarding.
                continue
            }
            departures.sysctls.append(.restoreSysctl(key: key, value: value))
        }
    }

    /// The far end of an anchor has no entry: its pair's counts.
    private func isBlocked(_ interface: String) -> Bool {
        blocked.contains(interface)
            || desired.links.contains { $0.peerName == interface && blocked.contains($0.name) }
    }
}
