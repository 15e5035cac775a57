import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

@Suite struct AddressTests {
    private func desired(_ text: String, _ length: Int) throws -> DesiredAddress {
        DesiredAddress(interface: "br-wg0", address: try address(text), prefixLength: length)
    }

    @Test func addressesOfBothFamiliesComeAndGo() async throws {
        let world = try World()
        try await world.makeBridge()
        let wanted = try [desired("10.0.0.1", 24), desired("10.0.0.2", 24), desired("fd00::1", 64)]
        for result in await world.backend.apply(wanted.map { .addAddress($0) }) { try result.get() }
        let observed = try await world.observe().addresses.filter {
            $0.interface == "br-wg0" && !$0.address.isLinkLocal
        }
        #expect(observed.map(\.address) == wanted.map(\.address))
        #expect(observed.map(\.prefixLength) == [24, 24, 64])
        let seen = try world.namespace.json("addr", "show", "dev", "br-wg0")
        let flags = try #require(seen.first).values
        let index = try #require(
            flags.first { $0.value == "fd00::1" }?.key.split(separator: ".").dropLast().joined(separator: "."))
        // No duplicate address detection: a proxy entry elsewhere would answer it.
        #expect(flags["\(index).nodad"] == "true")
        #expect(flags["\(index).tentative"] == nil)

        // Adding again is success, and changes nothing.
        for result in await world.backend.apply(wanted.map { .addAddress($0) }) { try result.get() }
        for address in observed { try await world.backend.apply(.deleteAddress(address)) }
        let left = try await world.observe().addresses.filter {
            $0.interface == "br-wg0" && !$0.address.isLinkLocal
        }
        #expect(left.isEmpty)
        for address in observed { try await world.backend.apply(.deleteAddress(address)) }
    }

    @Test func deletingAPrimaryLeavesItsSecondaries() async throws {
        let world = try World()
        try await world.makeBridge()
        let key = "net/ipv4/conf/br-wg0/promote_secondaries"
        for number in 1...3 { try await world.backend.apply(.addAddress(desired("10.0.0.\(number)", 24))) }
        try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: "0"), before: nil))
        try await world.backend.apply(
            .deleteAddress(
                ObservedAddress(interface: "br-wg0", address: try address("10.0.0.1"), prefixLength: 24)))
        let observed = try await world.observe([key])
        let left = observed.addresses.filter { $0.interface == "br-wg0" && $0.address.family == .v4 }
        #expect(left.map(\.address) == [try address("10.0.0.2"), try address("10.0.0.3")])
        #expect(observed.sysctls[key] == "0")
    }

    @Test func anotherPrefixLengthIsNotTheSameAddress() async throws {
        let world = try World()
        try await world.makeBridge()
        try await world.backend.apply(.addAddress(desired("fd00::1", 64)))
        await #expect {
            try await world.backend.apply(.addAddress(desired("fd00::1", 128)))
        } throws: { error in
            "\(error)".hasPrefix("address fd00::1/128 of br-wg0 cannot be made: fd00::1/64 stands there")
        }
    }

    /// To the kernel the far end is a part of an address: a deletion that names another finds nothing.
    @Test func pointToPointAddressesAreToldApartAndDeletedAlone() async throws {
        let world = try World()
        try await world.makeBridge()
        let added = [
            ("10.0.0.9", "10.0.0.10/32"), ("10.0.0.1", "10.0.0.10/32"), ("10.0.0.8", "0.0.0.0/32"),
            ("fd00::9", "fd00::10/128"),
        ]
        for (near, far) in added { try world.namespace.ip("addr", "add", near, "peer", far, "dev", "br-wg0") }
        try await world.backend.apply(.addAddress(desired("10.0.0.1", 32)))
        let observed = try await world.observe().addresses.filter { $0.interface == "br-wg0" }
        #expect(
            observed.map(\.description) == [
                "10.0.0.1/32", "10.0.0.1 peer 10.0.0.10/32", "10.0.0.8 peer 0.0.0.0/32", "10.0.0.9 peer 10.0.0.10/32",
                "fd00::9 peer fd00::10/128",
            ])
        for address in observed.dropFirst() { try await world.backend.apply(.deleteAddress(address)) }
        let left = try await world.observe().addresses.filter { $0.interface == "br-wg0" }
        #expect(left == Array(observed.prefix(1)))
    }

    @Test func aFarEndInTheSameSubnetStandsInTheWayAndItsSecondariesStay() async throws {
        let world = try World()
        try await world.makeBridge()
        try world.namespace.ip("addr", "add", "10.0.0.1", "peer", "10.7.0.10/24", "dev", "br-wg0")
        try world.namespace.ip("addr", "add", "10.7.0.1", "peer", "10.7.0.10/24", "dev", "br-wg0")
        await #expect {
            try await world.backend.apply(.addAddress(desired("10.7.0.1", 24)))
        } throws: { error in
            "\(error)".hasPrefix(
                "address 10.7.0.1/24 of br-wg0 cannot be made: 10.7.0.1 peer 10.7.0.10/24 stands there")
        }
        let key = "net/ipv4/conf/br-wg0/promote_secondaries"
        try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: "0"), before: nil))
        let observed = try await world.observe().addresses.filter { $0.interface == "br-wg0" }
        try #require(observed.count == 2)
        try await world.backend.apply(.deleteAddress(observed[0]))
        let left = try await world.observe().addresses.filter { $0.interface == "br-wg0" }
        #expect(left == [observed[1]])
    }

    @Test func aMissingInterfaceIsNamedOnceForEach() async throws {
        let world = try World()
        let wanted = try [desired("10.0.0.1", 24), desired("10.0.0.2", 24)]
        for result in await world.backend.apply(wanted.map { .addAddress($0) }) {
            #expect(throws: RouteNetlinkError.noSuchLink(name: "br-wg0")) { try result.get() }
        }
        #expect(await world.backend.writes == 0)
    }
}
