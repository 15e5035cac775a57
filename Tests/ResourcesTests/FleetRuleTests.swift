import Manifest
import NetAddress
import Resources
import TestSupport
import Testing

/// Every rule across resources, seen failing, with its text.
@Suite struct FleetRuleTests {
    private struct Case {
        let name: String
        var before: [ManifestFile] = []
        let files: [ManifestFile]
    }

    private func member(_ address: String, _ more: String = "", in name: String = "net") -> String {
        "{name: \(name), addresses: [\(address)]\(more.isEmpty ? "" : ", \(more)")}"
    }

    /// One that differs from `net` in its listen port, too.
    private func otherOverlay(_ interface: String) -> String {
        overlay("other", "10.1.0.0/24", "  wireguard: {interface: \(interface), listenPort: 7}")
    }

    /// A container that asks for what is not its own.
    private let reserved = """
          containers:
            - name: p
              image: i
              env: [{name: A, valueFrom: {podmanSecret: wgctl-c1-S}}, {name: B, valueFrom: {podmanSecret: wgctl.c1.S}}]
              labels: {io.containers.autoupdate: registry, PODMAN_SYSTEMD_UNIT: ssh.service, dev.wgctl.node: b, io.example: x}
              volumes:
                - {volume: a, mountPath: /}
                - {volume: b, mountPath: //dev/./}
                - {volume: c, mountPath: /proc/self/attr}
                - {volume: d, mountPath: /srv/../proc}
                - {volume: e, mountPath: /data}
                - {volume: f, mountPath: /data/}
        """

    private func pod(_ address: String, _ name: String = "pod") -> String {
        "  containers: [{name: \(name), image: i, networks: [{overlay: net, addresses: [\(address)]}]}]"
    }

    private var cases: [Case] {
        let key = "  publicKey: jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="
        let net = file("net.yaml", overlay())
        func fleet(_ a: String, _ b: String? = nil, moreA: String = "", moreB: String = "") -> [ManifestFile] {
            [net, file("a.yaml", node("a", a, moreA))] + (b.map { [file("b.yaml", node("b", $0, moreB))] } ?? [])
        }
        let good = fleet(member("10.0.0.1"), member("10.0.0.2"))
        return [
            Case(name: "address outside of the overlay", files: fleet(member("10.0.1.1"))),
            Case(name: "network address", files: fleet(member("10.0.0.0"))),
            Case(name: "broadcast address", files: fleet(member("10.0.0.255"))),
            Case(name: "address of a family without subnet", files: fleet(member("10.0.0.1, \"fd00::1\""))),
            Case(
                name: "no address of a family",
                files: [
                    file("net.yaml", overlay("net", "10.0.0.0/24, \"fd00::/64\"")),
                    file("a.yaml", node("a", member("10.0.0.1"))),
                ]),
            Case(name: "second address of a family", files: fleet(member("10.0.0.1, 10.0.0.2"))),
            Case(name: "container outside of the overlay", files: fleet(member("10.0.0.1"), moreA: pod("10.1.0.1"))),
            Case(name: "address twice, no history", files: fleet(member("10.0.0.1"), member("10.0.0.1"))),
            Case(
                name: "address twice, the incumbent keeps it",
                before: [net, file("b.yaml", node("b", member("10.0.0.1")))],
                files: fleet(member("10.0.0.1"), member("10.0.0.1"))),
            Case(
                name: "address twice, the newcomer falls back", before: good,
                files: fleet(member("10.0.0.2"), member("10.0.0.2"))),
            Case(name: "two nodes swap addresses", before: good, files: fleet(member("10.0.0.2"), member("10.0.0.1"))),
            Case(
                name: "a takes what b gives up, and b is refused", before: good,
                files: fleet(member("10.0.0.2"), member("10.9.9.9"))),
            Case(name: "own address and container", files: fleet(member("10.0.0.1"), moreA: pod("10.0.0.1"))),
            Case(
                name: "container and another node's host route",
                files: fleet(member("10.0.0.1", "routes: [10.0.0.9/32]"), member("10.0.0.2"), moreB: pod("10.0.0.9"))),
            Case(
                name: "a container inside another node's slice is allowed",
                files: fleet(
                    member("10.0.0.1", "routes: [10.0.0.192/26]"), member("10.0.0.2"), moreB: pod("10.0.0.200"))),
            Case(
                name: "slices of two nodes overlap",
                files: fleet(
                    member("10.0.0.1", "routes: [10.0.0.64/26]"), member("10.0.0.2", "routes: [10.0.0.64/27]"))),
            Case(
                name: "the same route of two nodes",
                files: fleet(
                    member("10.0.0.1", "routes: [192.168.0.0/16]"), member("10.0.0.2", "routes: [192.168.0.0/16]"))),
            Case(
                name: "a narrow route inside a wide one of another node is allowed",
                files: fleet(
                    member("10.0.0.1", "routes: [192.168.0.0/16]"), member("10.0.0.2", "routes: [192.168.50.0/24]"))),
            Case(
                name: "a narrow route inside a wide one of the same node is allowed",
                files: fleet(member("10.0.0.1", "routes: [192.168.0.0/16, 192.168.50.0/24]"))),
            Case(name: "route over the subnet", files: fleet(member("10.0.0.1", "routes: [10.0.0.0/16]"))),
            Case(name: "route equal to the subnet", files: fleet(member("10.0.0.1", "routes: [10.0.0.0/24]"))),
            Case(
                name: "IPv6 route inside the subnet",
                files: [
                    file("net.yaml", overlay("net", "\"fd00::/64\"")),
                    file("a.yaml", node("a", member("\"fd00::1\"", "routes: [\"fd00::80/121\"]"))),
                ]),
            Case(
                name: "route covers an endpoint",
                files: fleet(
                    member("10.0.0.1", "routes: [192.168.1.0/24]"), member("10.0.0.2"),
                    moreB: "  endpoint: 192.168.1.20")),
            Case(name: "subnet covers an endpoint", files: fleet(member("10.0.0.1"), moreA: "  endpoint: 10.0.0.50")),
            Case(
                name: "default, loopback, multicast routes",
                files: fleet(
                    member("10.0.0.1", "routes: [0.0.0.0/0, \"::/0\", 127.0.0.0/8, 224.0.0.0/8, \"ff02::/16\"]"))),
            Case(
                name: "subnets of two overlays overlap",
                files: [file("x.yaml", overlay("x")), file("other.yaml", overlay("other", "10.0.0.128/25"))]),
            Case(
                name: "route into another overlay",
                files: fleet(member("10.0.0.1", "routes: [10.5.0.0/25]")) + [
                    file("other.yaml", overlay("other", "10.5.0.0/24"))
                ]),
            Case(
                name: "two subnets of a family, and one too small",
                files: [file("x.yaml", overlay("x", "10.0.0.0/24, 10.1.0.0/31"))]),
            Case(
                name: "one Podman network for two overlays",
                files: [
                    file("x.yaml", overlay("x")),
                    file("other.yaml", overlay("other", "10.1.0.0/24", "  network: {name: x}")),
                ]),
            Case(
                name: "interface and listen port twice on a node",
                files: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", overlay("other", "10.1.0.0/24"))]),
            Case(
                name: "interface and listen port overridden",
                files: fleet(
                    "\(member("10.0.0.1")), \(member("10.1.0.1", "interface: wg1, listenPort: 51821", in: "other"))")
                    + [file("other.yaml", overlay("other", "10.1.0.0/24"))]),
            Case(
                name: "an interface named as another overlay's bridge",
                files: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", otherOverlay("br-wg0"))]),
            Case(
                name: "an interface named as another overlay's anchor, by the node",
                files: fleet(
                    "\(member("10.0.0.1", "interface: vb-wg7")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", otherOverlay("wg7"))]),
            Case(
                name: "an interface becomes another overlay's bridge, and falls back",
                before: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", otherOverlay("wg7"))],
                files: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", otherOverlay("va-wg0"))]),
            Case(
                name: "a short name's bridge is a long name's, shortened",
                files: fleet(
                    "\(member("10.0.0.1", "interface: \(InterfaceNames(wireguard: "wg-long-name-aa").bridge.dropFirst(3))")), \(member("10.1.0.1", in: "other"))"
                )
                    + [file("other.yaml", otherOverlay("wg-long-name-aa"))]),
            Case(
                name: "names that begin like a bridge's and clash with nobody's are allowed",
                files: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "other"))")
                    + [file("other.yaml", otherOverlay("br-wg1"))]),
            Case(
                name: "names that Podman reserves",
                files: [
                    file("x.yaml", overlay("host")),
                    file("other.yaml", overlay("other", "10.1.0.0/24", "  network: {name: slirp4netns}")),
                ]),
            Case(
                name: "mount paths, labels and secrets of somebody else's",
                files: fleet(member("10.0.0.1"), moreA: reserved)),
            Case(
                name: "public key twice", files: fleet(member("10.0.0.1"), member("10.0.0.2"), moreA: key, moreB: key)),
            Case(
                name: "an overlay moves away from an unchanged node", before: good,
                files: [file("net.yaml", overlay("net", "10.7.0.0/24"))] + good.dropFirst()),
            Case(name: "no such overlay", files: fleet("\(member("10.0.0.1")), \(member("10.1.0.1", in: "nowhere"))")),
            Case(
                name: "container in an overlay that its node is not in",
                files: [net, file("a.yaml", node("a", "", pod("10.0.0.9")))]),
            Case(
                name: "host port twice",
                files: fleet(
                    member("10.0.0.1"),
                    moreA:
                        "  containers: [{name: p, image: i, networks: [{overlay: net, addresses: [10.0.0.9]}], "
                        + "ports: [{containerPort: 80}, {containerPort: 81, hostPort: 80}]}]"
                )),
            Case(
                name: "a label of the daemon's",
                files: fleet(
                    member("10.0.0.1"), moreA: "  containers: [{name: p, image: i, labels: {dev.wgctl.node: b}}]")),
        ]
    }

    @Test func textsOfRules() throws {
        var text = ""
        for item in cases {
            var acceptor = try Acceptor()
            let before = acceptor.accept(item.before, lastGood: [])
            #expect(before.acceptances.allSatisfy { $0.status == .true }, "\(item.name)")
            let set = acceptor.accept(item.files, lastGood: before.lastGood)
            // The order of files says nothing, and neither does the memory.
            var other = try Acceptor()
            #expect(other.accept(item.files.reversed(), lastGood: before.lastGood) == set, "\(item.name)")
            text += "\(item.name)\n" + described(set)
        }
        try expectGolden(text, "Golden/fleet-rules.txt")
    }
}

/// One line a resource, its messages below.
func described(_ set: AcceptedSet) -> String {
    var text = ""
    for error in set.fileErrors { text += "  file \(error.message)\n" }
    for acceptance in set.acceptances {
        text += "  \(acceptance.key) \(acceptance.status.rawValue) \(acceptance.reason) live=\(acceptance.generation)\n"
        guard acceptance.status != .true else { continue }
        for line in acceptance.message.split(separator: "\n") { text += "    \(line)\n" }
    }
    return text
}
