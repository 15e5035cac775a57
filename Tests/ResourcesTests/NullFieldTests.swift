import Manifest
import Resources
import Testing

/// A list whose items are all commented out is null to YAML: nobody asked to delete what it said.
@Suite struct NullFieldTests {
    private let net = file("net.yaml", overlay())

    private func host(_ spec: String) -> ManifestFile {
        file("a.yaml", "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: a}\nspec:\n\(spec)")
    }

    private static let membership = "  overlays:\n    - {name: net, addresses: [10.0.0.1]}\n"
    private static let containers =
        "  containers:\n    - {name: c, image: i, volumes: [{volume: v, mountPath: /d}], env: [{name: A, value: b}]}\n"
        + "    - {name: d, image: i}\n"

    private func change(_ spec: String, lastGood: [LastGood]? = nil) throws -> (first: AcceptedSet, second: AcceptedSet)
    {
        var acceptor = try Acceptor()
        let request = PruneRequest(node: "b")
        let first = acceptor.accept(
            [net, host(Self.membership + Self.containers)], lastGood: [], pruning: request)
        #expect(first.findings.isEmpty)
        return (first, acceptor.accept([net, host(spec)], lastGood: lastGood ?? first.lastGood, pruning: request))
    }

    @Test(arguments: [
        ("  overlays:\n" + containers, "5:3: spec.overlays: has no value, write [] to empty it"),
        (membership + "  containers:\n", "7:3: spec.containers: has no value, write [] to empty it"),
        (membership + "  containers: null\n", "7:3: spec.containers: has no value, write [] to empty it"),
        (
            // The containers change places, and a field of one of them has lost its items.
            membership + "  containers:\n    - {name: d, image: i}\n    - name: c\n      image: i\n      volumes:\n"
                + "      env: [{name: A, value: b}]\n",
            "11:7: spec.containers[1].volumes: has no value, write [] to empty it"
        ),
    ])
    func whatItSaidStays(spec: String, line: String) throws {
        let (first, second) = try change(spec)
        #expect(second.live == first.live)
        #expect(second.findings.map { "\($0.error)" } == ["a.yaml:" + line])
        #expect(second.findings.allSatisfy { $0.isWarning && $0.reason == Reason.nullField })
        #expect(second.acceptance(.node, "a")?.reason == Reason.nullField)
        // As a new document it is valid, and said to be odd.
        let (_, fresh) = try change(spec, lastGood: [])
        #expect(fresh.acceptance(.node, "a")?.status == .true)
        #expect(fresh.findings.map(\.reason) == [Reason.nullField])
    }

    @Test func anEmptyListEmptiesIt() throws {
        let (_, second) = try change(Self.membership + "  containers: []\n")
        #expect(second.live.nodes.first?.spec.containers.isEmpty == true && second.findings.isEmpty)
    }

    @Test func whatSaidNothingLosesNothing() throws {
        let (_, second) = try change(Self.membership + Self.containers + "  endpoint:\n  unschedulable: true\n")
        #expect(second.live.nodes.first?.spec.unschedulable == true)
        #expect(second.acceptance(.node, "a")?.status == .true)
        #expect(
            second.findings.map { "\($0.error)" } == [
                "a.yaml:10:3: spec.endpoint: has no value, write a value, or remove the line"
            ])
    }
}
