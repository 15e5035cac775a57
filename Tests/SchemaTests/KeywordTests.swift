import JSON
import Manifest
import Testing

@testable import Schema

/// Every keyword that a CRD may use, on schemas made for the test: what is valid, and what becomes of it; what is not,
/// and where the mistake is said to be.
@Suite struct KeywordTests {
    @Test(arguments: Tables.keywordFiles)
    func verdictsAndPlaces(file: String) throws {
        for item in try Tables.cases(file) {
            let name = "\(file): \(item.text("description"))"
            let node = try #require(item["schema"], "\(name)")
            let (schema, problems) = SchemaLoader.load(node, path: FieldPath())
            #expect(problems == [], "\(name)")
            let tests = try #require(item["tests"]?.items, "\(name)")
            for test in tests { try run(test, schema, "\(name): \(test.text("description"))") }
        }
    }

    private func run(_ test: YAMLNode, _ schema: JSONSchema, _ name: String) throws {
        let data = try #require(test["data"], "\(name)")
        var validator = Validator(document: Document(file: "a.yaml", index: 0, root: data))
        let value = validator.validate(data, schema, at: FieldPath())
        validator.finish()
        let errors = validator.errors
        if test.text("valid") == "true" {
            #expect(errors == [], "\(name)")
            if let expected = test["becomes"] { #expect(value == JSONValue(resolving: expected), "\(name)") }
            return
        }
        #expect(test.text("valid") == "false", "\(name)")
        #expect(errors.map(\.path).sorted() == (test.texts("at") ?? [""]).sorted(), "\(name): \(errors)")
        for error in errors {
            #expect(!error.reason.isEmpty && !error.remedy.isEmpty, "\(name): \(error)")
            #expect(data.positions(at: error.path).contains(error.position), "\(name): \(error)")
            #expect(!error.description.contains("CANARY") && !error.description.contains("7654321"), "\(name)")
        }
    }

    @Test func mistakesInASchemaAreFound() throws {
        for item in try Tables.cases("refused.yaml") {
            let name = item.text("description")
            let (_, problems) = SchemaLoader.load(try #require(item["schema"]), path: FieldPath())
            let reason = item.text("refused")
            #expect(!reason.isEmpty && problems.contains { $0.description.contains(reason) }, "\(name): \(problems)")
        }
    }

    /// The keywords that a CRD may say, each seen with data that it lets through and with data that it does not.
    @Test(arguments: [
        "type", "properties", "required", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties",
        "maxProperties", "multipleOf", "additionalProperties", "items", "nullable", "default", "format", "allOf",
        "anyOf", "oneOf", "not", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
    ])
    func everyKeywordIsSeenBothWays(keyword: String) throws {
        var verdicts: Set<String> = []
        let cases = try Tables.keywordFiles.flatMap(Tables.cases)
        for item in cases where item["schema"]?.names(keyword) == true {
            verdicts.formUnion(item["tests"]?.items?.map { $0.text("valid") } ?? [])
        }
        #expect(verdicts == ["true", "false"])
    }

    @Test func everyFormatIsSeenBothWays() throws {
        let cases = try ["formats.yaml", "numbers.yaml"].flatMap(Tables.cases)
        for format in Format.allCases {
            let tests = cases.filter { $0["schema"]?.text("format") == format.rawValue }
                .flatMap { $0["tests"]?.items ?? [] }
            #expect(Set(tests.map { $0.text("valid") }) == ["true", "false"], "\(format)")
        }
    }

    @Test(arguments: [
        ("", PlainScalar.null), ("~", .null), ("no", .bool), ("On", .bool), ("12:34:56", .integer), ("0o17", .integer),
        ("0x1F", .integer), ("1_000", .integer), ("-3", .integer), ("1.10", .float), ("1e999", .float), (".5", .float),
        (".inf", .float), ("1.", .float), ("10.0.0.1", .string), ("a", .string), ("y", .bool), ("N", .bool),
        ("-", .string),
        ("fd00::1", .string), ("1.2-3", .string), ("e5", .string), ("12:99", .string), (".", .string),
        ("64Mi", .string),
    ])
    func plainScalars(text: String, kind: PlainScalar) { #expect(PlainScalar(text) == kind) }

    @Test func suggestions() {
        #expect(suggestion(for: "lisenPort", among: ["listenPort", "interface"]) == "listenPort")
        #expect(suggestion(for: "LISTENPORT", among: ["listenPort"]) == "listenPort")
        #expect(suggestion(for: "zzz", among: ["name", "image"]) == nil)
    }
}

extension YAMLNode {
    /// Whether a mapping here or below has a key.
    fileprivate func names(_ key: String) -> Bool {
        (entries ?? []).contains { $0.name == key || $0.value.names(key) } || (items ?? []).contains { $0.names(key) }
    }
}
