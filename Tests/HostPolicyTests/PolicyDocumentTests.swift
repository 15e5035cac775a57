import Foundation
import HostPolicy
import Manifest
import NetAddress
import Resources
import Schema
import TestSupport
import Testing

/// Policy files: what is read of them, and how mistakes are told.
@Suite struct PolicyDocumentTests {
    private static let head = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\n"

    private static let bad: [(String, String)] = [
        ("nothing", "# to be written\n"), ("a syntax error", "spec: [\n"),
        ("another kind", "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: a}\nspec: {}\n"),
        ("another version", "apiVersion: wgctl.dev/v1\nkind: HostPolicy\nspec: {}\n"),
        ("no spec", head), ("a misspelt field", head + "spec:\n  containers:\n    levl: Baseline\n"),
        ("a field outside of spec", head + "containers: {}\nspec: {}\n"),
        ("an unknown level", head + "spec: {containers: {level: baseline}}\n"),
        ("a standard that is not served", head + "spec: {containers: {level: Restricted}}\n"),
        ("an unknown kind", head + "spec: {kinds: [Pod]}\n"), ("no kind at all", head + "spec: {kinds: []}\n"),
        ("ports upside down", head + "spec: {containers: {hostPorts: [{min: 2, max: 1}]}}\n"),
        ("ports as text", head + "spec: {containers: {hostPorts: [\"8080-8090\"]}}\n"),
        ("a relative path", head + "spec: {containers: {hostPaths: [{pathPrefix: srv}], secretFiles: [etc]}}\n"),
        (
            "paths that climb",
            head + "spec: {containers: {hostPaths: [{pathPrefix: /srv/../etc}], secretFiles: [/a/..]}}\n"
        ),
        (
            "a path twice",
            head + "spec: {containers: {hostPaths: [{pathPrefix: /a}, {pathPrefix: /a, readOnly: true}]}}\n"
        ),
        ("capabilities by another name", head + "spec: {containers: {capabilities: [CAP_NET_ADMIN, net_admin]}}\n"),
        ("registries without one", head + "spec: {containers: {registries: [library/alpine, alpine]}}\n"),
        ("a registry with a tag", head + "spec: {containers: {registries: [\"docker.io/library/alpine:3.20\"]}}\n"),
        ("networks", head + "spec: {overlays: {cidrs: [10.0.0.1/8, 10.0.0.0]}}\n"),
        (
            "keys",
            head
                + """
                spec:
                  nodes:
                    publicKeys:
                      - {node: host-b, publicKey: \(Fleet.keyB)}
                      - {node: host-c, publicKey: \(Fleet.keyB)}

                """
        ),
        ("something that is no key", head + "spec: {nodes: {publicKeys: [{node: Host, publicKey: x}]}}\n"),
        ("two policies", head + "spec: {}\n---\n" + head + "spec: {}\n"),
    ]

    @Test func everyMistakeHasItsPlaceAndRemedy() throws {
        var text = ""
        for (name, document) in PolicyDocumentTests.bad {
            do {
                _ = try HostPolicy(file: ManifestFile(path: "p.yaml", contents: .bytes(Array(document.utf8))))
                Issue.record("\(name) is accepted")
            } catch let mistakes as HostPolicy.Mistakes {
                text += "\(name)\n" + mistakes.errors.map { "  \($0)\n" }.joined()
            }
        }
        try expectGolden(text, "Golden/mistakes.txt")
    }

    @Test func everyFieldIsRead() throws {
        let read = try policy(
            """
              kinds: [Node, Overlay]
              containers:
                privileged: true
                capabilities: [NET_ADMIN]
                hostPaths: [{pathPrefix: /srv/web, readOnly: true}]
                hostPorts: [{min: 30000, max: 32767}]
                secretFiles: [/run/secrets]
                registries: [docker.io/library]
              overlays: {cidrs: [10.0.0.0/8]}
              nodes: {publicKeys: [{node: host-b, publicKey: \(Fleet.keyB)}]}
            """.replacingOccurrences(of: "  kinds", with: "\n  kinds"))
        var wanted = HostPolicy()
        wanted.kinds = [.node, .overlay]
        wanted.containers.privileged = true
        wanted.containers.capabilities = ["NET_ADMIN"]
        wanted.containers.hostPaths = [.init(pathPrefix: "/srv/web", readOnly: true)]
        wanted.containers.hostPorts = [.init(min: 30000, max: 32767)]
        wanted.containers.secretFiles = ["/run/secrets"]
        wanted.containers.registries = ["docker.io/library"]
        wanted.overlays.cidrs = [try CIDR(parsing: "10.0.0.0/8")]
        wanted.nodes.publicKeys = [.init(node: "host-b", publicKey: try #require(PublicKey(Fleet.keyB)))]
        #expect(read == wanted)
        #expect(read.pins == ["host-b": try #require(PublicKey(Fleet.keyB))])
    }

    /// As of any object: a name and labels do no harm.
    @Test func metadataIsWelcomeAndNotNeeded() throws {
        let text = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\nmetadata: {name: this-host}\nspec: {}\n"
        #expect(try HostPolicy(file: ManifestFile(path: "p", contents: .bytes(Array(text.utf8)))) == HostPolicy())
    }

    @Test func inTheManifestsItIsNoKind() throws {
        let text = PolicyDocumentTests.head + "spec: {containers: {level: Privileged}}\n"
        var acceptor = try Acceptor()
        let accepted = acceptor.accept([ManifestFile(path: "p.yaml", contents: .bytes(Array(text.utf8)))], lastGood: [])
        #expect(accepted.findings.map(\.error.path) == ["kind"])
    }
}

@Suite struct PolicyDocsTests {
    private static let page = Repository.root.appending(path: "docs/policy.md")

    /// docs/policy.md ends with the schema's own table.
    @Test func thePageEndsWithWhatTheSchemaSays() throws {
        let text = try String(contentsOf: PolicyDocsTests.page, encoding: .utf8)
        let reference = ReferenceDocs.markdown(for: try HostPolicy.definition())
        let heading = "## HostPolicy\n"
        let written = try #require(text.range(of: heading)).lowerBound
        try expectGolden(text[..<written] + reference, "../../docs/policy.md")
    }

    @Test func everyFieldHasADescriptionWithAnExample() throws {
        for field in try HostPolicy.definition().specFields {
            #expect(!field.summary.isEmpty && field.example?.isEmpty == false, "\(field.path)")
        }
    }

    /// The first YAML block of the page is a policy.
    @Test func theExampleIsValid() throws {
        let text = try String(contentsOf: PolicyDocsTests.page, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```yaml\n").dropFirst().first)
        let example = try #require(block.components(separatedBy: "```").first)
        let policy = try HostPolicy(file: ManifestFile(path: "policy.yaml", contents: .bytes(Array(example.utf8))))
        #expect(policy != HostPolicy())
    }
}
