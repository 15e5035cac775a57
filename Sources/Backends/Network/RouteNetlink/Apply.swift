internal import HostState
internal import NetAddress
internal import Netlink
public import NetworkState

extension RouteNetlinkClient {
    /// Makes one change.
    ///
    /// Succeeds when the object exists already as wanted, or is already gone.
    /// - Throws: `RouteNetlinkError`; a change of a WireGuard device or an announcement is `notOurs`.
    public func apply(_ change: KernelChange) throws {
        if case .failure(let error)? = apply([change]).first { throw error }
    }

    /// Makes changes in their order, and continues after failures.
    ///
    /// Consecutive additions, or deletions, of one type are sent to the kernel up to 64 KiB at a time.
    /// - Returns: one result for each change.
    public func apply(_ changes: [KernelChange]) -> [Result<Void, RouteNetlinkError>] {
        var results: [Result<Void, RouteNetlinkError>] = []
        results.reserveCapacity(changes.count)
        var next = 0
        while next < changes.count {
            let type = changes[next].batchType
            var end = next + 1
            while type != nil, end < changes.count, changes[end].batchType == type { end += 1 }
            if type == nil {
                let change = changes[next]
                results.append(
                    Result { try applyAlone(change) }.mapError { RouteNetlinkError($0, change.operation) })
            } else {
                results += applyTogether(Array(changes[next..<end]))
            }
            next = end
        }
        return results
    }

    private func applyAlone(_ change: KernelChange) throws {
        switch change {
        case .createLink(let link): try createLink(link)
        case .updateLink(let link, let before): try updateLink(link, before: before)
        case .deleteLink(let link): try deleteLink(link)
        case .renameLink(let link, to: let name): try renameLink(link, to: name)
        case .attachPort(let link, let bridge, container: _): try attachPort(link, to: bridge)
        case .replaceRoute(let route, let before): try replaceRoute(route, before: before)
        case .setSysctl(let sysctl, before: _): try setSysctl(sysctl.key, sysctl.value)
        case .restoreSysctl(let key, let value): try setSysctl(key, value)
        default: throw RouteNetlinkError.notOurs(change.operation)
        }
    }

    private func setSysctl(_ key: String, _ value: String) throws {
        if try sysctls.set(key, to: value) { sysctlWrites += 1 }
    }

    private func replaceRoute(_ route: DesiredRoute, before: ObservedRoute) throws {
        guard let index = try ownIndex(of: route.interface) else {
            throw RouteNetlinkError.noSuchLink(name: route.interface)
        }
        try socket.perform(RouteMessages.replace(route, index: index), "replace route \(route.destination)")
        // The kernel replaces a route of the same metric, over however many ways; IPv6 leaves one with a single
        // gateway.
        let isIPv6 = route.destination.family == .v6
        let isLeftOver =
            before.metric != RouteAttribute.defaultMetric(isIPv6: isIPv6)
            || (isIPv6 && before.gateway != nil)
        if isLeftOver { try applyTogether([.deleteRoute(before)])[0].get() }
    }
}
