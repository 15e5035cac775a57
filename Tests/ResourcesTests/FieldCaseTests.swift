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
