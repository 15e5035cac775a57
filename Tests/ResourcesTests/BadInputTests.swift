import Manifest
import Resources
import TestSupport
import Testing

/// Texts that need a parser of ours, and kinds that are not served, each with its text.
@Suite struct BadInputTests {
    private func member(_ fields: String) -> String { "{name: net, addresses: [10.0.0.1], \(fields)}" }

    /// A node for each: one document holds one endpoint.
    private func endpoints(_ all: [String]) -> String {
        all.enumerated().map { node("a\($0.offset)", "", "  endpoint: \"\($0.element)\"") }.joined(separator: "\n---\n")
    }

    private func images(_ all: [String]) -> String {
        let containers = all.enumerated().map { "{name: p\($0.offset), image: \"\($0.element)\"}" }
        return node("a", "", "  containers: [\(containers.joined(separator: ", "))]")
    }

    @Test func textsOfErrors() throws {
        let zero = String(repeating: "A", count: 43) + "="
        let lowOrder = "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA="
        let preshared = "CANARYQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        let rooted = "/CANARY" + preshared.dropFirst(7)
        let environment = """
              containers:
                - name: p
                  image: i
                  env:
                    - {name: A, valueFrom: {file: \(preshared)}}
                    - {name: B, valueFrom: {file: \(rooted)}}
                    - {name: C, valueFrom: {file: "\(rooted)\\n"}}
                    - {name: D, value: "CANARY\\nCANARY"}
            """
        let gateway = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Gateway
            metadata: {name: g}
            spec: {overlay: net, members: [{node: a, priority: 150, interface: eth0}]}
            """
        let cases: [(String, String)] = [
            ("leading zero", node("a", "{name: net, addresses: [010.0.0.1]}")),
            ("IPv4-mapped", node("a", "{name: net, addresses: [\"::ffff:10.0.0.1\"]}")),
            ("zone", node("a", "{name: net, addresses: [\"fe80::1%eth0\"]}")),
            ("half an IPv6 address", node("a", "{name: net, addresses: [\"1:2:3\"]}")),
            ("host bits", node("a", member("routes: [10.9.0.1/16, \"fd00::1/64\"]"))),
            ("prefix lengths", node("a", member("routes: [10.9.0.0/33, \"fd00::/129\", 10.9.0.0, 10.9.0.0/]"))),
            ("endpoint without brackets", node("a", "", "  endpoint: \"fd00::1:51820\"")),
            ("endpoint port", node("a", "", "  endpoint: \"host:65536\"")),
            ("endpoint name", node("a", "", "  endpoint: -host")),
            ("endpoint unspecified", node("a", "", "  endpoint: 0.0.0.0:1")),
            (
                "endpoints that no other host reaches",
                endpoints(["127.0.0.1", "localhost", "[::1]:1", "255.255.255.255"])
            ),
            (
                "endpoint spellings, and what is wrong with each",
                endpoints([
                    "vpn.example.org.", "wg_server:51820", "münchen.example.org", "http://vpn.example.org:51820",
                    "vpn.example.org:51820 ", "2001:db8::7", "198.51.100.7/24", "198.51.100.7:51820/udp",
                    "198.51.100.007", "198.51.100.8, 198.51.100.9", "$WG_ENDPOINT", "fe80::1%eth0", "198.51.100",
                    "198.51.100.256", "a..b", "a:", ":1", "host:0080", "[2001:db8::7", "[10.0.0.1]:1", "[fd00::1]1", "",
                ])
            ),
            (
                "images",
                images([
                    "registry.example.org:5000/Team/App:V1", "Team/app", "docker://docker.io/library/alpine", "alpine:",
                    "sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d",
                    "https://ghcr.io/x/y:1", "oci-archive:/srv/a.tar", "ghcr.io/x/y:1.0+build.3",
                ])
            ),
            ("key too short", node("a", "", "  publicKey: CANARY=")),
            ("key zero", node("a", "", "  publicKey: \(zero)")),
            ("key of low order", node("a", "", "  publicKey: \(lowOrder)")),
            (
                "a path that does not begin with /",
                node("a", "", "  containers: [{name: p, image: i, workingDir: CANARY}]")
            ),
            ("keys for paths", node("a", "", environment)),
            (
                "a key for the file of preshared keys",
                overlay("net", "10.0.0.0/16", "  wireguard: {presharedKeys: {file: \(rooted)}}")
            ),
            ("cpu", node("a", "", "  containers: [{name: p, image: i, resources: {limits: {cpu: 5m, memory: 64MB}}}]")),
            (
                "durations",
                node(
                    "a", "",
                    "  containers: [{name: p, image: i, healthCheck: {command: [a], interval: 1d, timeout: 0s}}]")
            ),
            ("gateway", gateway),
            ("bad gateway", gateway.replacing("priority", with: "prio")),
        ]
        var text = ""
        for (name, manifest) in cases {
            var acceptor = try Acceptor()
            text += "\(name)\n" + described(acceptor.accept([file("a.yaml", manifest)], lastGood: []))
        }
        #expect(!text.contains("CANARY"))
        try expectGolden(text, "Golden/bad-input.txt")
    }

    @Test(arguments: [
        "192.168.1.10", "192.168.1.10:1", "169.254.10.1", "VPN.Example.ORG", "\"[fd00::1]\"", "\"[fd00::1]:51820\"",
        "vpn.example.org:65535",
    ])
    func goodEndpoints(endpoint: String) throws {
        var acceptor = try Acceptor()
        let set = acceptor.accept([file("a.yaml", node("a", "", "  endpoint: \(endpoint)"))], lastGood: [])
        #expect(set.acceptances.map(\.status) == [.true])
    }

    /// One changed file of a thousand costs that file and the set checks, not a thousand parses.
    @Test func aThousandNodes() throws {
        var acceptor = try Acceptor()
        var files = [file("net.yaml", overlay("net", "10.0.0.0/16"))]
        for number in 0..<1000 {
            let address = "10.0.\(number / 250).\(number % 250 + 1)"
            let pod =
                "  containers: [{name: p, image: i, networks: [{overlay: net, addresses: [\(address.replacing("10.0.", with: "10.0.1"))]}]}]"
            files.append(file("n\(number).yaml", node("n\(number)", "{name: net, addresses: [\(address)]}", pod)))
        }
        let clock = ContinuousClock()
        var first = AcceptedSet()
        let cold = clock.measure { first = acceptor.accept(files, lastGood: []) }
        #expect(first.live.nodes.count == 1000)
        files[7] = file("n6.yaml", node("n6", ""))
        let second = acceptor.accept(files, lastGood: first.lastGood)
        #expect(second.acceptance(.node, "n6")?.generation == 2)
        let warm = clock.measure { _ = acceptor.accept(files, lastGood: second.lastGood) }
        #expect(warm * 2 < cold, "cold \(cold), warm \(warm)")
        print("1000 nodes: cold \(cold), warm \(warm)")
    }
}
