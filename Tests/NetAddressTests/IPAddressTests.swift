import Testing

@testable import NetAddress

@Suite struct IPAddressTests {
    @Test(arguments: ["0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "fd00:20::10", "2001:db8::1:0:0:1"])
    func textRoundTrips(_ text: String) throws {
        #expect(try #require(IPAddress(text)).description == text)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.1.2", "010.0.0.1", "10.0.0.256", "10.0.0.+1", "10.0.0.1 ", "1", "::ffff:10.0.0.1",
        "fe80::1%eth0", "[::1]", "10.0.0.1/32", "::g", "1:2:3:4:5:6:7:8:9", "10.0.0.1\u{0}",
    ])
    func oddTextIsRefused(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func bytesAreInNetworkOrder() throws {
        #expect(try #require(IPAddress("10.1.2.3")).bytes == [10, 1, 2, 3])
        let v6 = try #require(IPAddress("fd00:20::10"))
        #expect(IPAddress(bytes: v6.bytes) == v6)
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test func ordersByFamilyThenNumber() throws {
        let texts = ["9.0.0.1", "10.0.0.1", "10.0.0.2", "::1", "fd00::1"]
        let addresses = try texts.map { try #require(IPAddress($0)) }
        #expect(addresses.shuffled().sorted() == addresses)
    }

    @Test func classes() throws {
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback && #require(IPAddress("::1")).isLoopback)
        #expect(try #require(IPAddress("239.1.1.1")).isMulticast && #require(IPAddress("ff02::1")).isMulticast)
        #expect(try #require(IPAddress("169.254.1.1")).isLinkLocal && #require(IPAddress("fe80::1")).isLinkLocal)
        #expect(try !#require(IPAddress("10.0.0.1")).isLoopback)
    }
}

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0", CIDR.ParseError.missingPrefixLength), ("10.0.0.0/33", .badPrefixLength(.v4)),
        ("fd00::/129", .badPrefixLength(.v6)), ("10.0.0.0/024", .badPrefixLength(.v4)), ("010.0.0.0/8", .badAddress),
        ("10.0.0.0/-1", .badPrefixLength(.v4)),
    ])
    func mistakesAreNamed(_ text: String, _ error: CIDR.ParseError) {
        #expect(throws: error) { try CIDR(parsing: text) }
    }

    @Test func hostBitsShowTheCanonicalForm() throws {
        let canonical = try CIDR(parsing: "10.0.0.0/24")
        #expect(throws: CIDR.ParseError.hostBitsSet(canonical: canonical)) { try CIDR(parsing: "10.0.0.7/24") }
        #expect("\(CIDR.ParseError.hostBitsSet(canonical: canonical))" == "has host bits set: write 10.0.0.0/24")
    }

    @Test func bounds() throws {
        let subnet = try CIDR(parsing: "10.0.0.64/26")
        #expect(subnet.lastAddress.description == "10.0.0.127")
        #expect(try CIDR(parsing: "::/0").lastAddress.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        #expect(try CIDR(parsing: "0.0.0.0/0").contains(#require(IPAddress("255.255.255.255"))))
        #expect(try !CIDR(parsing: "0.0.0.0/0").contains(#require(IPAddress("::1"))))
    }

    @Test func overlaps() throws {
        let wide = try CIDR(parsing: "10.0.0.0/24")
        let narrow = try CIDR(parsing: "10.0.0.128/25")
        let other = try CIDR(parsing: "10.0.1.0/24")
        #expect(wide.overlaps(narrow) && narrow.overlaps(wide) && !wide.overlaps(other))
        #expect(wide.contains(narrow) && !narrow.contains(wide))
    }
}
