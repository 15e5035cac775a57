import Manifest
import Resources
import Testing

/// Inputs in the manner of public bug reports that are right, or right but for a warning.
@Suite struct FieldCaseTests {
    private func accept(_ files: [ManifestFile]) throws -> AcceptedSet {
        var acceptor = try Acceptor()
        return acceptor.accept(files, lastGood: [])
    }

    /// One force-endpoint for all nodes: in force, and told of once, with every node that shares it.
    @Test func nodesThatShareHostAndPortAreOneWarning() throws {
        func member(_ name: String, _ address: String, _ endpoint: String) -> ManifestFile {
            file("\(name).yaml", node(name, "{name: net, addresses: [\(address)]}", "  endpoint: \(endpoint)"))
        }
        let set = try accept([
            file("net.yaml", overlay()), member("n1", "10.0.0.1", "198.51.100.7:51820"),
            member("n2", "10.0.0.2", "198.51.100.7:51820"), member("n3", "10.0.0.3", "198.51.100.7"),
            member("n4", "10.0.0.4", "198.51.100.7:51821"),
        ])
        #expect(set.acceptances.allSatisfy { $0.reason != Reason.invalid && $0.reason != Reason.conflict })
        #expect(set.live.nodes.count == 4)
        #expect(
            set.findings.map { "\($0.isWarning) \($0.reason) \($0.error)" } == [
                "true SharedEndpoint n3.yaml:6:3: spec.endpoint: 198.51.100.7:51820 is also the endpoint of Node/n1 at "
                    + "n1.yaml:6:3, Node/n2 at n2.yaml:6:3, and only one host can be reached there, give each its own port "
                    + "or address, or leave the endpoint out where others need not dial it"
            ])
    }

    /// In force, since two hosts on one link may want just this.
    @Test func anEndpointOfOneLinkIsAWarning() throws {
        let set = try accept([
            file("net.yaml", overlay()),
            file("n1.yaml", node("n1", "{name: net, addresses: [10.0.0.1]}", "  endpoint: 169.254.10.1")),
            file(
                "n2.yaml",
                node("n2", "{name: net, addresses: [10.0.0.2], endpoint: \"[fe80::1]\"}", "  endpoint: h.example")),
        ])
        #expect(set.live.nodes.count == 2)
        #expect(
            set.findings.map { "\($0.isWarning) \($0.reason) \($0.error)" } == [
                "true UnreachableEndpoint n1.yaml:6:3: spec.endpoint: 169.254.10.1 is link-local: no router passes it on, so "
                    + "that only hosts on the same link reach it, write an address that other nodes reach",
                "true UnreachableEndpoint n2.yaml:5:49: spec.overlays[0].endpoint: fe80::1 is link-local and names no "
                    + "interface, so that no host can send to it, write an address that other nodes reach",
            ])
    }

    /// What cannot be seen is named.
    @Test(arguments: ["\u{a0}vpn.example.org", "vpn.example.org\u{2009}", "vpn.example.org:51820\u{a0}"])
    func aSpaceThatIsNoneIsNamed(endpoint: String) throws {
        let set = try accept([
            file("n1.yaml", node("n1", "{name: net, addresses: [10.0.0.1]}", "  endpoint: \"\(endpoint)\"")),
            file("net.yaml", overlay()),
        ])
        let error = try #require(set.findings.first?.error)
        let code = endpoint.contains("\u{a0}") ? "U+00A0" : "U+2009"
        #expect(error.reason.hasSuffix("is not an endpoint: it has the character \(code), which looks like a space"))
        #expect(!error.reason.contains("\u{a0}") && !error.reason.contains("\u{2009}"))
    }

    /// One mistake in an Overlay is one finding, however many Nodes refer to it.
    @Test func aMistakeInAnOverlayIsReportedOnce() throws {
        let nodes = (1...3).map { file("n\($0).yaml", node("n\($0)", "{name: net, addresses: [10.0.0.\($0)]}")) }
        let set = try accept([file("net.yaml", overlay("net", "10.0.0.0/33"))] + nodes)
        #expect(set.findings.map(\.error.file) == ["net.yaml"])
        // Each Node says what it waits for.
        let condition = try #require(set.acceptance(.node, "n2"))
        #expect(condition.reason == Reason.refNotFound)
        #expect(condition.message.hasSuffix("Overlay \"net\" is not accepted, correct it first"))

        // An Overlay that nobody wrote is one finding, too, which counts the others.
        let missing = try accept(nodes)
        #expect(
            missing.findings.map { "\($0.error)" } == [
                "n1.yaml:5:15: spec.overlays[0].name: there is no Overlay \"net\", to which 2 more Nodes refer, add it, or "
                    + "correct the name"
            ])
        #expect(missing.acceptance(.node, "n3")?.message.contains("there is no Overlay \"net\", add it") == true)
    }

    /// What an edit leaves is what a look at the whole finds.
    @Test func findingsAfterAnEditAreThoseOfTheWhole() throws {
        func fleet(_ a: String, _ b: String) -> [ManifestFile] {
            [
                file("a.yaml", node("a", a, "  endpoint: 169.254.1.1")), file("b.yaml", node("b", b)),
                file("net.yaml", overlay()),
            ]
        }
        let before = fleet(
            "{name: net, addresses: [10.0.0.1], routes: [172.16.0.0/16]}",
            "{name: net, addresses: [10.0.0.2], routes: [172.20.0.0/16]}")
        let after = fleet(
            "{name: net, addresses: [10.0.0.1], routes: [172.16.0.0/16]}",
            "{name: net, addresses: [10.0.0.2], routes: [172.16.5.0/24]}")
        var acceptor = try Acceptor()
        let first = acceptor.accept(before, lastGood: [])
        #expect(first.findings.map(\.reason) == [Reason.unreachableEndpoint])
        let second = acceptor.accept(after, lastGood: first.lastGood)
        #expect(acceptor.dirtyNodes == ["b"])
        #expect(Set(second.findings.map(\.reason)) == [Reason.unreachableEndpoint, Reason.nestedRoute])
        #expect(second.findings == (try accept(after)).findings)
        let third = acceptor.accept(before, lastGood: second.lastGood)
        #expect(third.findings == first.findings)
    }

    /// What `kubectl get -o yaml` adds is not an author's, and no mistake.
    @Test func whatAClusterExportsIsValid() throws {
        let exported = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Node
            metadata:
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: |
                  {"apiVersion":"wgctl.dev/v1alpha1","kind":"Node"}
              creationTimestamp: "2026-11-28T10:00:00Z"
              generation: 3
              managedFields:
              - apiVersion: wgctl.dev/v1alpha1
                fieldsType: FieldsV1
                fieldsV1:
                  f:spec:
                    f:endpoint: {}
                manager: kubectl
                operation: Update
              name: n1
              resourceVersion: "12345"
              uid: 5f6d4b1e-0000-4000-8000-000000000000
            spec:
              overlays: [{name: net, addresses: [10.0.0.1]}]
            """
        let set = try accept([file("net.yaml", overlay()), file("n1.yaml", exported)])
        #expect(set.findings == [] && set.live.nodes.count == 1)
    }

    /// The gateway of the Podman network is the host's own address: .1 is free for a container.
    @Test func aContainerMayHaveTheFirstAddress() throws {
        let pod = "  containers: [{name: p, image: i, networks: [{overlay: net, addresses: [10.0.0.1]}]}]"
        let set = try accept([
            file("net.yaml", overlay()), file("n1.yaml", node("n1", "{name: net, addresses: [10.0.0.2]}", pod)),
        ])
        #expect(set.findings == [])
    }
}
