import NetAddress
import Testing

@testable import Lab

@Suite struct UnderlayTests {
    /// One node for each way to be reached: IPv4, another subnet, IPv6 and a name, nobody dials it.
    static let mixed = [
        LabNode(name: "west", endpoints: [.name("west.example.net"), .address(v6("2001:db8:5::1"))]),
        LabNode(name: "a", endpoints: [.address(v4(192, 168, 1, 10))]),
        LabNode(name: "roamer", endpoints: []),
        LabNode(name: "b", endpoints: [.address(v4(10, 77, 0, 20)), .address(v4(10, 78, 0, 20))]),
    ]

    static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> IPAddress {
        IPAddress(v4: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d))
    }

    static func v6(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(family: .v6, value: 1) }

    @Test func `every address, route and rule of a mixed fleet`() throws {
        let underlay = try Underlay(nodes: Self.mixed)
        let text = underlay.namespaces { "ns/\($0)" }.map { setup in
            ([setup.name + ":"] + setup.ip + (setup.nft == nil ? [] : ["nft"])).joined(separator: "\n  ")
        }.joined(separator: "\n")
        #expect(text == golden)
    }

    @Test func `the order of the nodes does not matter`() throws {
        #expect(try Underlay(nodes: Self.mixed) == Underlay(nodes: Self.mixed.reversed()))
    }

    @Test func `names resolve to the address on eth0`() throws {
        let underlay = try Underlay(nodes: Self.mixed)
        #expect(
            underlay.hostsFile(for: "a") == """
                127.0.0.1 localhost
                127.0.1.1 a
                ::1 localhost ip6-localhost ip6-loopback
                198.18.0.1 west.example.net

                """)
        let west = try #require(underlay.hosts.first { $0.name == "west" })
        #expect(west.addresses.contains(Self.v4(198, 18, 0, 1)))
    }

    @Test func `addresses of the manifests are never given to another`() throws {
        let nodes = [
            LabNode(name: "a", endpoints: [.name("a.example.net")]),
            LabNode(name: "b", endpoints: [.address(Self.v4(198, 18, 0, 1))]),
        ]
        #expect(try Underlay(nodes: nodes).names["a.example.net"] == Self.v4(198, 18, 0, 2))
    }

    @Test func `a host that is added changes nothing of the others`() throws {
        let before = try Underlay(nodes: Self.mixed)
        let name = LabNode(name: "aa", endpoints: [.name("aa.example.net")])
        let after = try before.adding(name).adding(LabNode(name: "b2", endpoints: []))
        #expect(Array(after.hosts.prefix(4)) == before.hosts && after.hosts.map(\.name).suffix(2) == ["aa", "b2"])
        #expect(after.names.filter { before.names[$0.key] != nil } == before.names)
        let addresses = after.hosts.flatMap { $0.addresses + $0.routerAddresses }
        #expect(Set(addresses).count == addresses.count, "each has its own")
        #expect(after.hostsFile(for: "a").contains("198.18.0.2 aa.example.net\n"))
        #expect(after.hosts[5].isBehindNAT)
        #expect(after.setup(ofHostAt: 4) { $0 }.router.first?.hasPrefix("link add h5 ") == true)
        let taken = LabNode(name: "z", endpoints: [.address(Self.v4(192, 168, 1, 10))])
        #expect(throws: LabError.sharedEndpoint("192.168.1.10", nodes: ["a", "z"])) { try before.adding(taken) }
    }

    @Test func `two nodes with one endpoint are refused by name`() {
        let endpoint = Endpoint.Host.address(Self.v4(192, 168, 1, 10))
        let nodes = [LabNode(name: "a", endpoints: [endpoint]), LabNode(name: "b", endpoints: [endpoint])]
        #expect(throws: LabError.sharedEndpoint("192.168.1.10", nodes: ["a", "b"])) { try Underlay(nodes: nodes) }
    }

    private let golden = """
        underlay.router:
          link set lo up
          link add h1 mtu 1500 type veth peer name eth0 mtu 1500 netns ns/a
          link set h1 alias a
          link set h1 up
          address add 169.254.1.1/32 dev h1
          address add fe80::1/64 dev h1 nodad
          route add 192.168.1.10/32 dev h1
          route add fd6c:6162:0:1::1/128 dev h1
          link add h2 mtu 1500 type veth peer name eth0 mtu 1500 netns ns/b
          link set h2 alias b
          link set h2 up
          address add 169.254.1.1/32 dev h2
          address add fe80::1/64 dev h2 nodad
          route add 10.77.0.20/32 dev h2
          route add 10.78.0.20/32 dev h2
          route add fd6c:6162:0:1::2/128 dev h2
          link add h3 mtu 1500 type veth peer name up0 mtu 1500 netns ns/roamer.nat
          link set h3 alias roamer
          link set h3 up
          address add 169.254.1.1/32 dev h3
          address add fe80::1/64 dev h3 nodad
          route add 198.19.128.1/32 dev h3
          route add fd6c:6162:0:3::1/128 dev h3
          link add h4 mtu 1500 type veth peer name eth0 mtu 1500 netns ns/west
          link set h4 alias west
          link set h4 up
          address add 169.254.1.1/32 dev h4
          address add fe80::1/64 dev h4 nodad
          route add 198.18.0.1/32 dev h4
          route add 2001:db8:5::1/128 dev h4
        roamer.nat:
          link set lo up
          link set up0 up
          address add 198.19.128.1/32 dev up0
          address add fd6c:6162:0:3::1/128 dev up0 nodad
          route add default via 169.254.1.1 dev up0 onlink
          route add default via fe80::1 dev up0
          link add in0 mtu 1500 type veth peer name eth0 mtu 1500 netns ns/roamer
          link set in0 alias roamer
          link set in0 up
          address add 169.254.2.1/32 dev in0
          address add fe80::2/64 dev in0 nodad
          route add 198.19.0.1/32 dev in0
          route add fd6c:6162:0:2::1/128 dev in0
          nft
        a:
          link set lo up
          link set eth0 up
          address add 192.168.1.10/32 dev eth0
          address add fd6c:6162:0:1::1/128 dev eth0 nodad
          route add default via 169.254.1.1 dev eth0 onlink
          route add default via fe80::1 dev eth0
        b:
          link set lo up
          link set eth0 up
          address add 10.77.0.20/32 dev eth0
          address add 10.78.0.20/32 dev eth0
          address add fd6c:6162:0:1::2/128 dev eth0 nodad
          route add default via 169.254.1.1 dev eth0 onlink
          route add default via fe80::1 dev eth0
        roamer:
          link set lo up
          link set eth0 up
          address add 198.19.0.1/32 dev eth0
          address add fd6c:6162:0:2::1/128 dev eth0 nodad
          route add default via 169.254.2.1 dev eth0 onlink
          route add default via fe80::2 dev eth0
        west:
          link set lo up
          link set eth0 up
          address add 198.18.0.1/32 dev eth0
          address add 2001:db8:5::1/128 dev eth0 nodad
          route add default via 169.254.1.1 dev eth0 onlink
          route add default via fe80::1 dev eth0
        """
}
