import Manifest
import NetAddress
import Testing

@testable import Import

@Suite struct WgQuickTests {
    /// RFC 7748, section 6.1, in base64.
    @Test func aPublicKeyFollowsFromThePrivateOne() {
        let key = PublicKey(ofPrivateKey: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=")
        #expect(key?.description == "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=")
        for text in ["", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo", String(repeating: "A", count: 43) + "="] {
            #expect(PublicKey(ofPrivateKey: text) == nil)
        }
    }

    @Test(arguments: [
        ("# laptop\n[Peer]", "laptop"), ("[Peer]\n# laptop", "laptop"), ("[Peer] # laptop", "laptop"),
        ("### Client laptop\n[Peer]", "laptop"), ("### begin laptop ###\n[Peer]", "laptop"),
        ("# Client: laptop (42)\n[Peer]", "laptop"), ("# BEGIN_PEER laptop\n[Peer]", "laptop"),
        ("[Peer]\nPublicKey = x\n#Name = laptop\nAllowedIPs = y", "laptop"),
        ("# other\n[Peer]\n# friendly_name=laptop", "laptop"), ("# Anna's phone\n[Peer]", "Anna's-phone"),
        ("# peer\n[Peer]", "peer"), ("# first\n# second\n[Peer]", "second"), ("# laptop\n# MTU = 1\n[Peer]", "laptop"),
        ("# laptop\n\n[Peer]", nil), ("# one two three four\n[Peer]", nil), ("# AllowedIPs = ::/0\n[Peer]", nil),
        ("# ---\n[Peer]", nil), ("[Peer]\nPublicKey = x # laptop", nil),
    ])
    func namesAreFoundInComments(_ text: String, _ name: String?) throws {
        let section = try #require(ConfigurationText("[Interface]\n" + text).sections.last)
        #expect(section.kind == .peer && section.nameInComments == name)
    }

    @Test func placesAreThoseOfTheValues() throws {
        let text = ConfigurationText("é\r\n[Interface] # x\r\n\t Address =  10.0.0.1/24 ,é, fd00::1 # y\r\n")
        let entry = try #require(text.sections.first?.entries.first)
        #expect(text.strays.count == 1 && entry.key.position == Position(line: 3, column: 3))
        #expect(entry.items(separatedBySpace: true).map(\.position.column) == [14, 27, 30])
        #expect(entry.value.text == "10.0.0.1/24 ,é, fd00::1")
    }

    @Test func hostsAreNamedByFileOrFolder() {
        func names(_ paths: [(String, String?)]) -> [String] {
            WgQuickFile.named(paths.map { (path: $0.0, folder: $0.1, text: "") }, localHost: "here").map {
                "\($0.host) \($0.interface ?? "-")"
            }
        }
        #expect(names([("x/host-a.conf", "x"), ("x/host-b.conf", "x")]) == ["host-a -", "host-b -"])
        #expect(names([("host-a/wg0.conf", "host-a")]) == ["host-a wg0"])
        #expect(names([("a/vpn.conf", "a"), ("b/vpn.conf", "b")]) == ["a vpn", "b vpn"])
        #expect(names([("a/vpn.conf", "a")]) == ["vpn -"])
        #expect(names([("wg0.conf", nil)]) == ["here wg0"])
    }

    @Test(arguments: [
        ("192.0.2.1:51820", "192.0.2.1:51820"), ("[2001:db8::1]:1", "[2001:db8::1]:1"),
        ("2001:db8::1:51820", "[2001:db8::1]:51820"), ("A.example:9", "a.example:9"), ("192.0.2.1", nil),
        ("192.0.2.1:0", nil), ("192.0.2.1:domain", nil), ("[2001:db8::1]", nil), (":1", nil), ("", nil),
    ])
    func endpointsAreReadAsWgReadsThem(_ text: String, _ endpoint: String?) {
        #expect(wireGuardEndpoint(text)?.description == endpoint)
    }

    @Test func aTitleIsReadBack() throws {
        let subnets = try [#require(CIDR("10.0.0.0/24")), #require(CIDR("fd00::/64"))]
        let title = RenderedTitle(overlay: "overlay-net", subnets: subnets, node: "host-a")
        #expect(RenderedTitle(title.text) == title)
        for damaged in ["on ../x", "on Host A", "on"] {
            #expect(RenderedTitle(title.text.replacing("on host-a", with: damaged)) == nil)
        }
        #expect(RenderedTitle("overlay ../../x of 10.0.0.0/24 on a: made by wgctl render, do not edit") == nil)
    }

    private let head = "[Interface]\nAddress = 10.66.66.1/24\n"
    private let peer = "[Peer]\n# ana\nPublicKey = 2WzQn8rgWBnJr2lzgGFbfq0UG62QL4ectawmaY0SYzs=\n"

    /// Where /32 is meant: the text as it is written, and the address that it tells.
    @Test func aPeerWithTheWholeSubnetGetsItsAddress() throws {
        let imported = try importWgQuick(["hub.conf": head + peer + "AllowedIPs = 10.66.66.2/24\n"])
        #expect(imported.stream.contains("addresses: [10.66.66.2]"))
        let lines = imported.report.map(\.description).filter { $0.contains("AllowedIPs") }
        #expect(
            lines == [
                "hub.conf:6:14: AllowedIPs: 10.66.66.2/24 is all of 10.66.66.0/24 to WireGuard; the address 10.66.66.2 in it "
                    + "was taken as that of ana, write 10.66.66.2/32 there, if that is meant, else correct "
                    + "spec.overlays[0].addresses"
            ])
        // A host of that address is there already: then it is a way through ana, as WireGuard has it.
        let taken = try importWgQuick(["hub.conf": head + peer + "AllowedIPs = 10.66.66.1/24\n"])
        #expect(!taken.stream.contains("addresses: [10.66.66.2]"))
        #expect(taken.report.contains { $0.reason.contains("10.66.66.0/24 sends the whole subnet through ana") })
    }

    /// No line asks for an endpoint that is there.
    @Test func aWayThroughAPeerThatHasAnEndpointNeedsNone() throws {
        let through = head + peer + "AllowedIPs = 10.66.66.0/24\n"
        let silent = try importWgQuick(["hub.conf": through])
        #expect(silent.report.contains { $0.remedy.contains("needs spec.endpoint") })
        let known = try importWgQuick(["hub.conf": through + "Endpoint = a.example.org:51820\n"])
        #expect(known.report.contains { $0.reason.contains("sends the whole subnet through ana") })
        #expect(!known.report.contains { $0.remedy.contains("needs spec.endpoint") })
    }

    /// WireGuard takes the longest prefix, and so does the overlay.
    @Test func aNetworkWithinAnotherPeersNetworkIsKept() throws {
        let other = "[Peer]\n# ben\nPublicKey = rQ21I8I+2obeSY1/XZZMGHbW/lohAY3VrtoeASrudyo=\n"
        let imported = try importWgQuick([
            "hub.conf": head + peer + "AllowedIPs = 10.66.66.2/32, 192.168.0.0/24\n" + other
                + "AllowedIPs = 10.66.66.3/32, 192.168.0.0/16\n"
        ])
        #expect(
            imported.stream.contains("routes: [192.168.0.0/24]") && imported.stream.contains("routes: [192.168.0.0/16]")
        )
        #expect(imported.report.contains { $0.reason.contains("192.168.0.0/24 of it is behind Node/ana") })
    }

    /// What a web interface notes down beside the name.
    @Test func aMailAddressIsNoName() throws {
        let note = "# ID: c1\n# Name:  nas-porto\n# Email: ana@example.org\n# Created at: 2024-02-04 10:00:00 UTC\n"
        let imported = try importWgQuick([
            "hub.conf": head + note + peer.replacing("# ana\n", with: "") + "AllowedIPs = 10.66.66.2/32\n"
        ])
        #expect(imported.files.map(\.name) == ["overlay-wg0.yaml", "hub.yaml", "nas-porto.yaml"])
    }

    @Test func linesMayEndWithACarriageReturnAlone() throws {
        let text = (head + peer + "AllowedIPs = 10.66.66.2/32\n").replacing("\n", with: "\r")
        #expect(try importWgQuick(["hub.conf": text]).files.map(\.name).contains("ana.yaml"))
    }

    @Test func whatIsNoSetOfFilesIsRefused() {
        func failure(_ texts: [String: String], overlay: String? = nil) -> String {
            do throws(ImportFailure) {
                _ = try importWgQuick(texts, overlay: overlay)
                return "imported"
            } catch { return error.description }
        }
        let good = "[Interface]\nAddress = 10.0.0.1/24\n"
        #expect(failure(["a.conf": "{}"]).hasPrefix("a.conf: has no [Interface] section"))
        #expect(
            failure(["h/wg0.conf": good, "h/wg1.conf": good]).hasPrefix(
                "h/wg1.conf: h/wg0.conf is of the same host, h:"))
        #expect(failure(["a.conf": "[Interface]"]).hasPrefix("no host has an address"))
        #expect(failure(["a.conf": good], overlay: "No").hasPrefix("\"No\" cannot be the name of an Overlay"))
        #expect(failure(["a.conf": good], overlay: "office") == "imported")
    }

    /// The value of a setting is shown, unless it is long enough to be a key.
    @Test func reportsDoNotShowWhatCouldBeAKey() throws {
        let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
        for line in [
            "Address = \(key)", "ListenPort = \(key)", "MTU = x\(key)", "PrivateKey \(key)", "PrivateKey: \(key)", key,
            "Private\(key)", "privatekey = \(key)x", "[\(key)]",
        ] {
            let imported = try importWgQuick([
                "a.conf":
                    "[Interface]\nAddress = 10.0.0.1/24\n\(line)\n[Peer]\nPublicKey = \(key)\nEndpoint = \(key)\nAllowedIPs = \(key)\nPersistentKeepalive = \(key)\n"
            ])
            let text = reportText(imported)
            #expect(text.contains("a.conf:3:") && !text.contains(key.prefix(20)), "\(text)")
        }
    }

    /// A host without a mark counts as one with the mark 0: to take another means a change there, which is told.
    @Test(arguments: [
        (
            ["a": "FwMark = 7", "b": "", "c": "FwMark = off"], nil,
            ["a.conf:3:1: FwMark: 7 differs from off at b.conf:1:1"]
        ),
        (["a": "FwMark = 7", "b": ""], nil, ["a.conf:3:1: FwMark: 7 differs from off at b.conf:1:1"]),
        (
            ["a": "FwMark = 7", "b": "", "c": "FwMark = off", "d": "FwMark = 7", "e": "FwMark = 0x7"], 7,
            [
                "b.conf:1:1: FwMark: off differs from 7 at a.conf:3:1",
                "c.conf:3:1: FwMark: off differs from 7 at a.conf:3:1",
            ]
        ),
        (["a": "FwMark = many", "b": "FwMark = 7"], 7, ["a.conf:3:1: FwMark: \"many\" is no mark"]),
    ])
    func theMarkIsThatOfMostHosts(_ lines: [String: String], _ mark: Int?, _ told: [String]) throws {
        var texts: [String: String] = [:]
        for (number, (host, line)) in lines.sorted(by: { $0.key < $1.key }).enumerated() {
            let key = try #require(PublicKey(bytes: [UInt8(number)] + Array(repeating: 7, count: 31)))
            texts["\(host).conf"] =
                "[Interface]\nAddress = 10.0.0.\(number + 1)/24\n\(line)\n# PublicKey = \(key)\n"
        }
        let imported = try importWgQuick(texts)
        #expect(imported.stream.firstMatch(of: #/fwmark: (\d+)/#).flatMap { Int($0.1) } == mark)
        #expect(imported.report.map { String($0.description.prefix { $0 != "," }) } == told)
    }

    /// A mesh of many hosts, each with a file and a LAN, is a matter of seconds: no step is cubic.
    @Test(.timeLimit(.minutes(5))) func aLargeMeshIsImported() throws {
        let keys = try (1...120).map { try #require(PublicKey(bytes: [UInt8($0)] + Array(repeating: 7, count: 31))) }
        let peers = keys.enumerated().map { index, key in
            """
            [Peer]
            PublicKey = \(key)
            AllowedIPs = 10.0.0.\(index + 1)/32, 10.\(index + 1).0.0/24
            Endpoint = 192.0.2.\(index + 1):51820

            """
        }
        var texts: [String: String] = [:]
        for (index, key) in keys.enumerated() {
            let others = peers[..<index] + peers[(index + 1)...]
            texts["host-\(index).conf"] =
                "[Interface]\nAddress = 10.0.0.\(index + 1)/24\n# PublicKey = \(key)\n" + others.joined()
        }
        let imported = try importWgQuick(texts)
        #expect(reportText(imported) == "" && imported.files.count == keys.count + 1)
    }

    /// A name in a comment becomes that of a file, and a peer at loopback is reached by nobody.
    @Test func namesThatArePathsAndEndpointsAtLoopback() throws {
        let text = """
            [Interface]
            Address = 10.0.0.1/24
            PrivateKey = dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
            # Name = ../.. /.x
            [Peer]
            PublicKey = mAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
            AllowedIPs = 10.0.0.2/32
            Endpoint = 127.0.0.1:51820
            """
        let imported = try importWgQuick(["host-a.conf": text])
        #expect(imported.files.map(\.name) == ["overlay-wg0.yaml", "host-a.yaml", "x.yaml"])
        #expect(!imported.stream.contains("127.0.0.1"))
        #expect(imported.report.contains { $0.reason == "127.0.0.1 is each host itself (loopback)" })
    }
}
