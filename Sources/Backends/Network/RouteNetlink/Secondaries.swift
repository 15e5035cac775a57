internal import HostState
internal import NetAddress
internal import Netlink
internal import NetworkState

extension RouteNetlinkClient {
    /// Runs `body` so that the IPv4 addresses that stay, stay: taking away the first address of a subnet would take
    /// the others of that subnet along, unless the interface promotes them (ip-sysctl, `promote_secondaries`).
    func keepingSecondaries<Result>(_ changes: [KernelChange], _ body: () throws -> Result) throws -> Result {
        let keys = try interfacesWithSecondaries(changes).map { "net/ipv4/conf/\($0)/promote_secondaries" }
        var altered: [String] = []
        defer {
            for key in altered {
                // The interface may be gone by now, and its setting with it.
                if (try? sysctls.set(key, to: "0")) == true { sysctlWrites += 1 }
            }
        }
        for key in keys where try sysctls.value(of: key) == "0" {
            if try sysctls.set(key, to: "1") { sysctlWrites += 1 }
            altered.append(key)
        }
        return try body()
    }

    /// The interfaces on which an IPv4 address goes and another of its subnet stays, sorted.
    private func interfacesWithSecondaries(_ changes: [KernelChange]) throws -> [String] {
        let going = changes.compactMap { change -> ObservedAddress? in
            guard case .deleteAddress(let address) = change, address.address.family == .v4, address.prefixLength < 32
            else { return nil }
            return address
        }
        guard !going.isEmpty else { return [] }
        let keys = Set(going.map(SubnetKey.init))
        let gone = Set(going.map { "\($0.interface) \($0)" })
        let staying = try socket.addresses(of: LinkTable(socket)).filter { address in
            address.address.family == .v4 && keys.contains(SubnetKey(address))
                && !gone.contains("\(address.interface) \(address)")
        }
        return Set(staying.map(\.interface)).sorted()
    }
}

/// Addresses with the same key are primary and secondaries of each other.
private struct SubnetKey: Hashable {
    let interface: String
    let subnet: CIDR

    init(_ address: ObservedAddress) {
        interface = address.interface
        subnet = CIDR(containing: address.peer ?? address.address, prefixLength: address.prefixLength)
    }
}
