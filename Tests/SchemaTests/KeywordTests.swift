import Manifest
import Testing

@testable import Schema

/// Keywords of OpenAPI v3 that our CRDs may use, one by one, on schemas made for the test.
@Suite struct KeywordTests {
    private func definition(_ spec: String) throws -> CustomResourceDefinition {
        let text = """
            spec:
              group: wgctl.dev
              names: {kind: Test, plural: tests, singular: test}
              versions:
                - name: v1
                  schema: {openAPIV3Schema: {type: object, properties: {spec: \(spec)}}}
            """
        return try CustomResourceDefinition(file: ManifestFile(path: "t.yaml", contents: .bytes(Array(text.utf8))))
    }

    private func reasons(_ schema: String, _ value: String) throws -> [String] {
        let text = "apiVersion: wgctl.dev/v1\nkind: Test\nmetadata: {name: a}\nspec: \(value)\n"
        let document = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()[0]
        return try definition(schema).validate(document).errors.map(\.reason)
    }

    @Test(arguments: [
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", "2", "1"),
        ("{type: number, maximum: 1.5, exclusiveMaximum: true}", "1.25", "1.5"),
        ("{type: integer, multipleOf: 5}", "10", "11"),
        ("{type: integer, format: int32}", "1", "2147483648"),
        ("{type: string, minLength: 2}", "ab", "a"),
        ("{type: string, maxLength: 2}", "äb", "abc"),
        ("{type: string, pattern: \"^a$\"}", "a", "\"a\\n\""),
        ("{type: string, enum: [a, b]}", "b", "c"),
        ("{type: string, format: byte}", "aGk=", "x-y"),
        ("{type: string, format: date-time}", "\"2026-01-01T00:00:00Z\"", "now"),
        ("{type: array, items: {type: integer}, maxItems: 1}", "[1]", "[1, 2]"),
        ("{type: array, items: {type: integer}, uniqueItems: true}", "[1, 2]", "[1, 1]"),
        ("{type: array, items: {type: string}, x-kubernetes-list-type: set}", "[a, b]", "[a, a]"),
        ("{type: object, minProperties: 1, additionalProperties: {type: string}}", "{a: b}", "{}"),
        ("{type: object, maxProperties: 1, additionalProperties: {type: string}}", "{a: b}", "{a: b, c: d}"),
        ("{type: object, additionalProperties: {type: integer}}", "{a: 1}", "{a: b}"),
        ("{type: object, additionalProperties: {type: integer}}", "{a: 1}", "{no: 1}"),
        ("{type: object, required: [a], properties: {a: {type: string}}}", "{a: b}", "{}"),
        ("{type: object, required: [a], properties: {a: {type: string}}}", "{a: b}", "{a: }"),
        ("{type: string, nullable: true}", "~", "1"),
        ("{type: integer, allOf: [{minimum: 1}, {maximum: 3}]}", "2", "4"),
        ("{type: integer, anyOf: [{maximum: 1}, {minimum: 3}]}", "3", "2"),
        ("{type: integer, oneOf: [{maximum: 3}, {minimum: 3}]}", "2", "3"),
        ("{type: integer, not: {minimum: 3}}", "2", "3"),
        ("{x-kubernetes-int-or-string: true, pattern: \"^[0-9]+%$\"}", "\"5%\"", "five"),
        ("{x-kubernetes-int-or-string: true, maximum: 9}", "5", "10"),
    ])
    func keyword(schema: String, good: String, bad: String) throws {
        #expect(try reasons(schema, good) == [])
        #expect(try reasons(schema, bad).count == 1)
    }

    @Test func unknownFieldsCanBeKept() throws {
        #expect(try reasons("{type: object, x-kubernetes-preserve-unknown-fields: true}", "{a: {b: 1}}") == [])
        #expect(try reasons("{type: object, additionalProperties: true}", "{a: {b: 1}}") == [])
        #expect(try reasons("{type: object}", "{a: {b: 1}}") == ["unknown field"])
    }

    /// The built-in CRDs load, so they have none of these.
    @Test(arguments: [
        "{type: object, propertees: {}}", "{type: text}", "{type: string, pattern: \"[\"}",
        "{type: string, minLength: x}",
        "{type: object, x-kubernetes-validations: [{rule: \"self.all(x, x > 1)\", message: m}]}",
        "{type: object, x-kubernetes-validations: [{rule: \"has(self)\", message: m}]}",
        "{type: array, items: {type: string, patern: x}}", "{type: string, x-kubernetes-list-type: bag}",
    ])
    func aMistakeInACRDIsFound(schema: String) {
        #expect(throws: SchemaError.self) { try definition(schema) }
    }

    @Test(arguments: [
        ("has(self.a) != has(self.b)", "{a: 1}", "{a: 1, b: 2}"), ("!has(self.a) || self.a == 2", "{b: 1}", "{a: 1}"),
        ("self.a <= self.b && (self.a > -1)", "{a: 0, b: 0}", "{a: 2, b: 1}"), ("self.s == 'x'", "{s: x}", "{s: y}"),
        ("self.a < 3 && self.b >= 3", "{a: 2, b: 3}", "{a: 3, b: 3}"),
    ])
    func rules(rule: String, good: String, bad: String) throws {
        let fields = "{a: {type: integer}, b: {type: integer}, s: {type: string}}"
        let schema =
            "{type: object, properties: \(fields), x-kubernetes-validations: [{rule: \"\(rule)\", message: broken}]}"
        #expect(try reasons(schema, good) == [])
        #expect(try reasons(schema, bad) == ["broken"])
    }

    @Test(arguments: [
        ("", PlainScalar.null), ("~", .null), ("no", .bool), ("On", .bool), ("12:34:56", .integer), ("0o17", .integer),
        ("0x1F", .integer), ("1_000", .integer), ("-3", .integer), ("1.10", .float), ("1e999", .float), (".5", .float),
        (".inf", .float), ("1.", .float), ("10.0.0.1", .string), ("a", .string), ("y", .string), ("-", .string),
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
