import Foundation
import Testing

@testable import NetAddress

@Suite struct EndpointTests {
    @Test(arguments: [
        "192.168.1.10", "192.168.1.10:51820", "[2001:db8::1]", "[2001:db8::1]:51820", "host-a.example.com",
        "host-a.example.com:1",
    ])
    func theFourFormsRoundTrip(_ text: String) throws {
        #expect(try #require(Endpoint(text)).description == text)
    }

    @Test(arguments: [
        "", ":51820", "192.168.1.10:0", "192.168.1.10:65536", "192.168.1.10:051820", "2001:db8::1", "[192.168.1.10]",
        "[2001:db8::1]51820", "host_a", "-a.example.com", "a..b", "1.2.3.999", "host a", "host:port:1",
    ])
    func oddTextIsRefused(_ text: String) { #expect(Endpoint(text) == nil) }

    @Test func namesAreLowerCased() { #expect(Endpoint("Host-A")?.host == .name("host-a")) }
}

@Suite struct MACAddressTests {
    @Test func derivedAddressesAreLocalUnicastAndStable() throws {
        let a = MACAddress(derivedFrom: "host-a/overlay-net")
        #expect(
            a == MACAddress(derivedFrom: "host-a/overlay-net") && a != MACAddress(derivedFrom: "host-b/overlay-net"))
        #expect(a.bytes[0] & 0x03 == 0x02)
        #expect(MACAddress(a.description) == a)
    }

    @Test(arguments: ["", "02:00:00:00:00", "02:00:00:00:00:0g", "2:0:0:0:0:0", "02-00-00-00-00-00"])
    func oddTextIsRefused(_ text: String) { #expect(MACAddress(text) == nil) }
}

@Suite struct PublicKeyTests {
    /// RFC 7748, section 6.1: Alice's public key.
    static let alice = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="

    @Test func textRoundTripsThroughJSON() throws {
        let key = try #require(PublicKey(Self.alice))
        #expect(key.hex.hasPrefix("8520f0098930a754"))
        #expect(try JSONDecoder().decode(PublicKey.self, from: JSONEncoder().encode(key)) == key)
    }

    @Test(arguments: [
        "", "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo", "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTm==", "!",
    ])
    func oddTextIsRefused(_ text: String) { #expect(PublicKey(text) == nil) }

    /// The last character of 32 bytes in base64 holds two unused bits: only zero is canonical.
    @Test func nonCanonicalBase64IsRefused() {
        #expect(PublicKey("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmp=") == nil)
    }
}
