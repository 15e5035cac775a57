import JSON
import Manifest
import Testing

@testable import Resources
@testable import Schema

/// The CRDs against our code, document by document: what an API server would say with the CRD alone, and what we say.
@Suite struct RuleAgreementTests {
    private static let overlays = [
        file("net.yaml", overlay("net")),
        file("two.yaml", overlay("two", "10.2.0.0/24", "  wireguard: {interface: wg9, listenPort: 9}")),
        file(
            "dual.yaml", overlay("dual", "10.1.0.0/24, \"fd00:1::/64\"", "  wireguard: {interface: wg8, listenPort: 8}")
        ),
    ]

    /// Schema and CEL rules, without code of ours.
    private func errors(of row: DocumentRow, _ catalog: SchemaCatalog) throws -> (Document, ValidationResult) {
        let document = try row.file.documents()[0]
        let definition = try #require(catalog.definition(named: row.kind))
        return (document, definition.validate(document))
    }

    @Test func theCRDsAloneRefuseWhatOneDocumentCanBeRefusedFor() throws {
        let catalog = try SchemaCatalog()
        for row in try DocumentRow.all() {
            let name = row.name
            let errors = try errors(of: row, catalog).1.errors
            #expect(errors.isEmpty == (!row.isRefused || row.beyond != nil), "\(name): \(errors)")
            guard row.isRefused, row.beyond == nil else { continue }
            #expect(errors.map(\.path) == [row.place], "\(name): \(errors)")
            if let rule = row.rule { #expect(errors.map(\.reason) == [rule], "\(name)") }
        }
    }

    @Test func ourCodeRefusesTheSameAndEachMistakeOnce() throws {
        var acceptor = try Acceptor()
        // The overlays are there already: what clashes with them is the row's own mistake.
        let before = acceptor.accept(Self.overlays, lastGood: []).lastGood
        for row in try DocumentRow.all() {
            let name = row.name
            let document = try row.file.documents()[0]
            let set = acceptor.accept(Self.overlays + [row.file], lastGood: before)
            let findings = set.findings.filter { !$0.isWarning }
            #expect(findings.count == (row.isRefused ? 1 : 0), "\(name): \(findings.map(\.error.description))")
            for error in findings.map(\.error) {
                #expect(!error.reason.isEmpty && !error.remedy.isEmpty, "\(name): \(error)")
                #expect(!error.reason.contains("^"), "a pattern is no text for people: \(error)")
                #expect(document.root.positions(at: error.path).contains(error.position), "\(name): \(error)")
            }
        }
    }

    /// Each rule at each place where it stands: seen to hold, and seen to fail alone.
    @Test func everyRuleHasRowsOfBothKinds() throws {
        let catalog = try SchemaCatalog()
        var (holding, failing): (Set<String>, Set<String>) = ([], [])
        for row in try DocumentRow.all() where row.beyond == nil {
            let result = try errors(of: row, catalog).1
            let spec = try #require(catalog.definition(named: row.kind)?.schema.properties["spec"])
            if row.isRefused {
                for error in result.errors where error.reason == row.rule {
                    failing.insert("\(row.kind) \(error.path.replacing(/[0-9]+/, with: "")): \(error.reason)")
                }
            } else if let value = result.value["spec"] {
                holding.formUnion(spec.rules(on: value, at: "\(row.kind) spec"))
            }
        }
        var all: Set<String> = []
        for definition in catalog.definitions {
            all.formUnion(definition.schema.properties["spec"]?.allRules(at: "\(definition.kind) spec") ?? [])
        }
        #expect(all.count > 60)
        #expect(all.subtracting(holding).sorted() == [], "no accepted row has what these rules look at")
        #expect(all.subtracting(failing).sorted() == [], "no refused row names these rules")
    }

    @Test func everyRuleHasARemedyAndEveryMirrorARule() throws {
        let known = Set(try SchemaCatalog().definitions.flatMap(\.schema.messages))
        for message in known { #expect(message.split(separator: "; ").count == 2, "\(message)") }
        for kind in Kind.allCases { #expect(MirroredRules.messages(for: kind).subtracting(known) == []) }
    }

    /// A mirrored rule is silent where its mirror speaks, and says its part beside mistakes of other fields.
    @Test func allMistakesOfADocumentAtOnce() throws {
        func errors(_ spec: String) throws -> [String] {
            let text = "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: a}\nspec: \(spec)\n"
            var acceptor = try Acceptor()
            let set = acceptor.accept(Self.overlays + [file("a.yaml", text)], lastGood: [])
            return set.findings.map { "\($0.error.path): \($0.error.reason)" }
        }
        let family = "overlays: [{name: net, addresses: [10.0.0.1, 10.0.0.2]}]"
        #expect(try errors("{\(family)}") == ["spec.overlays[0].addresses[1]: a second IPv4 address"])
        #expect(
            try errors("{\(family), unschedulable: maybe}") == [
                "spec.overlays[0].addresses: has two addresses of one family",
                "spec.unschedulable: must be true or false",
            ])
        #expect(
            try errors("{overlays: [{name: net, addresses: [10.0.0.1, x]}], unschedulable: maybe}").count == 2,
            "the family of what is no address is no second mistake")
    }
}

extension JSONSchema {
    /// The rules that a value meets, each as `PATH: REASON`.
    fileprivate func rules(on value: JSONValue, at path: String) -> Set<String> {
        var found = Set(rules.map { "\(path): \($0.reason)" })
        switch value {
        case .array(let list): for item in list { found.formUnion(items?.rules(on: item, at: path + "[]") ?? []) }
        case .object(let fields):
            for (name, inner) in fields {
                found.formUnion(properties[name]?.rules(on: inner, at: "\(path).\(name)") ?? [])
            }
        default: break
        }
        return found
    }

    fileprivate func allRules(at path: String) -> Set<String> {
        var found = Set(rules.map { "\(path): \($0.reason)" })
        found.formUnion(items?.allRules(at: path + "[]") ?? [])
        for (name, property) in properties { found.formUnion(property.allRules(at: "\(path).\(name)")) }
        return found
    }

    fileprivate var messages: [String] {
        rules.map(\.message) + (items?.messages ?? []) + properties.values.flatMap(\.messages)
    }
}
