import Manifest
import Resources
import Testing

/// "YAML" of docs/reliability.md.
@Suite struct BadYAMLTests {
    @Test(arguments: ["a: [", "\tx: 1", "a: 'b", "a: b: c", "- a\nb: 1", "{{ .Values.name"])
    func aSyntaxError(text: String) throws {
        try Incumbents().expectFileRefused(.bytes(Array("\(node("a"))\n---\n\(text)\n".utf8)), "YAML syntax error")
    }

    @Test func aBadLaterDocument() throws {
        // Both documents of the file keep their last good version, although the first is right.
        var acceptor = try Acceptor()
        func fleet(_ a: String, _ c: String) -> [ManifestFile] {
            [file("a.yaml", "\(a)\n---\n\(c)"), file("net.yaml", overlay("net", "10.0.0.0/24"))]
        }
        let c = node("c", "{name: net, addresses: [10.0.0.3]}")
        let before = acceptor.accept(fleet(node("a"), c), lastGood: [])
        let drained = node("a", "{name: net, addresses: [10.0.0.1]}", "  unschedulable: true")
        let after = acceptor.accept(fleet(drained, "\(c)\n---\n- ["), lastGood: before.lastGood)
        #expect(after.live == before.live && after.lastGood == before.lastGood)
        #expect(after.acceptances.filter { $0.status == .false }.map(\.key.name) == ["a", "c"])
        #expect(after.fileErrors.map(\.location.line) == [15])
    }

    @Test(arguments: [("value", "a40: *a39"), ("key", "*a39 : x")])
    func anAliasBomb(as what: String, last: String) throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...39 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let file = ManifestFile(path: "a.yaml", contents: .bytes(Array((text + last + "\n").utf8)))
        // Expanded it would be 2^40 values: that this ends at all shows that it is not.
        let documents = try file.documents()
        #expect(documents.count == 1 && documents[0].errors.count == Document.errorLimit)
        #expect(documents[0].errors.allSatisfy { $0.reason == "aliases are not allowed" })
        try Incumbents().expectRefused(
            "\(node("a"))\n  endpoint: &e 192.168.1.1\n  unschedulable: *e",
            "spec.unschedulable: aliases are not allowed")
    }

    @Test func nestingOver32() throws {
        let nest = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        try Incumbents().expectRefused(
            node("a") + "\n  endpoint: \(nest)", "spec.endpoint: must be text, not a list",
            "nested deeper than 32 levels")
    }

    @Test func aMergeKey() throws {
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  <<: {endpoint: 192.168.1.9}"),
            "spec: merge keys are not allowed", "spec[\"<<\"]: unknown field")
    }

    @Test(arguments: ["!mine 192.168.1.1", "!!str 192.168.1.1", "!<tag:example.org,2000:x> 192.168.1.1", "! x"])
    func aCustomTag(value: String) throws {
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  endpoint: \(value)"),
            "a.yaml:6:13: spec.endpoint: tags are not allowed")
    }

    @Test func aDuplicateKeyNamesBothPlaces() throws {
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  endpoint: 192.168.1.1\n  endpoint: 192.168.1.2"),
            "a.yaml:7:3: spec.endpoint: the key \"endpoint\" stands twice, first at 6:3, remove one of them")
    }

    @Test func anUnknownFieldHasASuggestion() throws {
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1], lisenPort: 1}"),
            "a.yaml:5:49: spec.overlays[0].lisenPort: unknown field, did you mean \"listenPort\"?")
    }

    @Test(arguments: ["no", "1.10", "12:34:56", "1e999", "0o17", "0x1f", "1_000", ".nan", "yes", "On", "-.inf", "+1"])
    func aPlainScalarOfTheWrongType(text: String) throws {
        // Where a text is wanted: quote it. Where it is not, the schema's type decides and no guess.
        try Incumbents().expectRefused(
            container("workingDir: \(text)"), "spec.containers[0].workingDir: \(text) is a ")
        try Incumbents().expectRefused(
            container("terminationGracePeriodSeconds: \(text)"),
            "spec.containers[0].terminationGracePeriodSeconds: must be a whole number")
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  unschedulable: \(text)"),
            "spec.unschedulable: must be true or false")
        let fleet = try Incumbents()
        let quoted = fleet.change(file("a.yaml", container("command: [\"\(text)\", '\(text)']")))
        #expect(quoted.live.nodes.first?.spec.containers.first?.command == [text, text])
    }

    @Test(arguments: ["99999999999999999999", "-9223372036854775809", "9223372036854775808"])
    func anIntegerThatOverflows(number: String) throws {
        try Incumbents().expectRefused(
            container("terminationGracePeriodSeconds: \(number)"), "the number is too large, use at most 64 bits")
        try Incumbents().expectRefused(
            container("terminationGracePeriodSeconds: 9223372036854775807"), "is out of range")
    }

    @Test(arguments: [
        ("apiVersion: wgctl.dev/v1alpha1\n", "apiVersion: is missing, write wgctl.dev/v1alpha1"),
        ("kind: Node\n", "kind: is missing, write Gateway, Node or Overlay"),
        ("metadata: {name: a}\n", "metadata: is missing, write metadata: {name: NAME}"),
        ("name: a", "metadata.name: is missing, write it as in"),
    ])
    func aMissingIdentity(text: String, mistake: String) throws {
        // Nobody can say which resource it is, so the whole file keeps what it held.
        try Incumbents().expectFileRefused(.bytes(Array(node("a").replacing(text, with: "").utf8)), mistake)
    }

    /// The mistakes that are told end before the name's: the resource that it is meant for is kept all the same.
    @Test func aBadNameBehindManyMistakes() throws {
        let fleet = try Incumbents()
        let mistakes = (0..<40).map { "x\($0): 1\n" }.joined()
        let set = fleet.change(file("a.yaml", mistakes + node("A_")))
        #expect(set.live == fleet.live.live)
        #expect(set.findings.count { $0.resource == nil } == Document.errorLimit)
    }

    @Test(arguments: [
        ("kind: Node", "kind: Nod", "kind: \"Nod\" is not known, did you mean \"Node\"?"),
        ("kind: Node", "kind: Pod", "kind: \"Pod\" is not known, containers stand in spec.containers of a Node"),
        ("v1alpha1", "v2", "apiVersion: \"wgctl.dev/v2\" is not known, write wgctl.dev/v1alpha1"),
        ("wgctl.dev/v1alpha1", "v1", "apiVersion: \"v1\" is not known"),
    ])
    func anUnknownKindOrVersion(text: String, other: String, mistake: String) throws {
        try Incumbents().expectFileRefused(.bytes(Array(node("a").replacing(text, with: other).utf8)), mistake)
    }

    @Test(arguments: [("[a, b]", "a list"), ("~", "a value"), ("text", "a value"), ("\"\"", "a value")])
    func aListOrNullAtTheTop(text: String, shape: String) throws {
        try Incumbents().expectFileRefused(
            .bytes(Array("\(text)\n".utf8)), "a.yaml:1:1: a document must be a mapping, not \(shape)")
    }

    @Test func theSameKindAndNameTwice() throws {
        let fleet = try Incumbents()
        let set = fleet.change(file("c.yaml", node("a", "{name: net, addresses: [10.0.0.3]}")))
        #expect(set.live == fleet.live.live, "the incumbent stays")
        let lines = set.findings.map(\.error.description)
        #expect(lines.map { $0.prefix(12) } == ["a.yaml:3:12:", "c.yaml:3:12:"], "both are told, each with the other")
        #expect(lines[0].contains("Node/a stands also at c.yaml:1:1") && lines[1].contains("a.yaml:1:1"))
        #expect(set.findings.allSatisfy { $0.reason == Reason.conflict })
    }
}
