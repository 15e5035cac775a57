import JSON
import Manifest
import Testing

@testable import Schema

/// The Common Expression Language, and `x-kubernetes-validations` around it.
@Suite struct RuleTests {
    @Test func expressions() throws {
        for item in try Tables.cases("expressions.yaml") {
            let name = item.text("description")
            let value = item["self"].map { JSONValue(resolving: $0) } ?? .null
            for rule in item.texts("holds") ?? [] {
                #expect(try CELExpression(parsing: rule).holds(for: value), "\(name): \(rule)")
            }
            for test in item["fails"]?.items ?? [] {
                let rule = test.scalar?.text ?? test.text("rule")
                let expression = try CELExpression(parsing: rule)
                #expect(!expression.holds(for: value), "\(name): \(rule)")
                // An error is no truth value: a rule that is a number counts as one.
                let isError = expression.result(for: value) != .bool(false)
                #expect(isError == (test.text("error") == "true"), "\(name): \(rule)")
            }
            for rule in item.texts("refused") ?? [] {
                #expect(throws: CELExpression.SyntaxError.self, "\(rule)") { try CELExpression(parsing: rule) }
            }
        }
    }

    /// What the cel-spec asks every implementation to take.
    @Test func longExpressions() throws {
        let rules = [
            Array(repeating: "self == 1", count: 32).joined(separator: " || "),
            Array(repeating: "self == 1", count: 32).joined(separator: " && "),
            Array(repeating: "self == 2 ? false : ", count: 24).joined() + "true",
            Array(repeating: "0", count: 24).joined(separator: " + ") + " == 0",
            String(repeating: "size([", count: 12) + "self" + String(repeating: "])", count: 12) + " == 1",
            String(repeating: "[", count: 12) + "self" + String(repeating: "]", count: 12) + " != []",
        ]
        for rule in rules { #expect(try CELExpression(parsing: rule).holds(for: .integer(1)), "\(rule)") }
    }

    @Test(arguments: [
        ("has(self.a) != has(self.b)", ["a", "b"]), ("self.all(x, x.n == 'a')", ["*.n"]), ("size(self) > 1", [""]),
        ("self.a.b[0].c == self['d']", ["a.b.*.c", "d"]),
        ("self.l.exists(x, self.m.exists(y, x == y.z))", ["l.*", "m.*.z"]),
        ("[self.o.map(o, o.name)].all(names, self.c.all(c, c.n.all(n, n.o in names)))", ["o.*.name", "c.*.n.*.o"]),
        ("self.l.filter(x, x.a).all(y, self.b ? y : !y)", ["l.*.a", "b"]),
    ])
    func reads(rule: String, paths: [String]) throws {
        let shown = try CELExpression(parsing: rule).reads.map { read in
            read.map { step in if case .field(let name) = step { name } else { "*" } }.joined(separator: ".")
        }
        #expect(Set(shown) == Set(paths))
    }

    private func errors(_ schema: String, _ value: String, mirrored: Set<String> = []) throws -> [String] {
        let text = "{schema: \(schema), data: \(value)}"
        let root = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()[0].root
        let (loaded, problems) = SchemaLoader.load(try #require(root["schema"]), path: FieldPath())
        #expect(problems == [])
        let data = try #require(root["data"])
        var validator = Validator(document: Document(file: "a.yaml", index: 0, root: data), mirrored: mirrored)
        _ = validator.validate(data, loaded, at: FieldPath())
        validator.finish()
        return validator.errors.map { "\($0.path): \($0.reason), \($0.remedy)" }
    }

    private let pair = """
        {type: object, properties: {a: {type: integer, maximum: 9}, b: {type: integer}, c: {type: string}},
        x-kubernetes-validations: [{rule: self.a <= self.b, message: a is above b; lower a}]}
        """

    @Test func aRuleSaysWhatAndWhy() throws {
        #expect(try errors(pair, "{a: 1, b: 1}") == [])
        #expect(try errors(pair, "{a: 2, b: 1}") == [": a is above b, lower a"])
    }

    @Test func aRuleIsSilentWhereItsFieldsAreBad() throws {
        #expect(try errors(pair, "{a: x, b: 1}").map { $0.prefix(2) } == ["a:"])
        #expect(try errors(pair, "{a: 10, b: 1}") == ["a: 10 is out of range, write a number to 9"])
        #expect(try errors(pair, "{a: 2, b: 1, c: 1}").count == 2, "another field does not matter")
    }

    @Test func aRuleThatFailsDoesNotSilenceItsNeighbours() throws {
        let schema = """
            {type: object, properties: {a: {type: integer}, b: {type: integer}, o: {type: object}},
            x-kubernetes-validations: [{rule: self.a == 1, message: a; 1}, {rule: self.b == 1, message: b; 1},
            {rule: self.a == self.o.b, message: o; 1}]}
            """
        #expect(
            try errors(schema, "{a: 2, b: 2, o: x}") == [
                "o: must be a mapping, not a value, write FIELD: VALUE lines below it", ": a, 1", ": b, 1",
            ])
    }

    @Test func aListThatIsTooLongIsNotGoneThrough() throws {
        let schema = """
            {type: array, maxItems: 2, items: {type: integer}, x-kubernetes-validations: [
            {rule: "self.all(a, self.exists_one(b, a == b))", message: m; n}]}
            """
        #expect(try errors(schema, "[1, 1]") == [": m, n"])
        #expect(try errors(schema, "[1, 1, 1]") == [": has 3 items, write at most 2"])
    }

    @Test func aMirroredRuleSpeaksOnlyBesideOtherMistakes() throws {
        let mirrored: Set = ["a is above b; lower a"]
        #expect(try errors(pair, "{a: 2, b: 1}", mirrored: mirrored) == [])
        #expect(try errors(pair, "{a: 2, b: 1, c: 1}", mirrored: mirrored).count == 2)
        #expect(try errors(pair, "{a: 10, b: 1}", mirrored: mirrored).count == 1)
    }

    @Test func fieldPathAndMessageExpression() throws {
        let schema = """
            {type: object, properties: {a: {type: string}, b: {type: object, properties: {c: {type: string}}}},
            x-kubernetes-validations: [
            {rule: self.a != 'x', message: no, fieldPath: .b.c, reason: FieldValueForbidden,
            messageExpression: "'a is ' + self.a + '; choose another'"},
            {rule: self.a != 'x', message: no; try again, messageExpression: self.b.c}]}
            """
        #expect(try errors(schema, "{a: x}") == ["b.c: a is x, choose another", ": no, try again"])
    }

    @Test(arguments: [
        ("{rule: self.a == 1}", "needs rule and message"), ("{message: m}", "needs rule and message"),
        ("{rule: self.a == 1, message: \"\"}", "needs rule and message"), ("text", "needs rule and message"),
        ("{rule: self.a == 1, message: m, mesage: m}", "unknown field \"mesage\""),
        ("{rule: self.a == 1, message: m, reason: Because}", "reason must be"),
        ("{rule: self.a == 1, message: m, optionalOldSelf: true}", "optionalOldSelf is not supported"),
        ("{rule: self.a == 1, message: m, fieldPath: a}", "fieldPath must be"),
        ("{rule: self.a == 1, message: m, fieldPath: .x}", "fieldPath must be"),
        ("{rule: self.a == 1, message: m, messageExpression: 1 +}", "expected a value"),
        ("{rule: self.a = 1, message: m}", "is not understood"),
        ("{rule: self.n == 1, message: m}], properties: {a: {type: number}}", "no rule may look at number"),
        ("{rule: self.n == 1, message: m}], properties: {a: {type: string, format: duration}}", "format duration"),
    ])
    func mistakesInARule(rule: String, reason: String) throws {
        let properties = rule.contains("properties") ? "}" : "], properties: {a: {type: integer}}}"
        let text = "{type: object, x-kubernetes-validations: [\(rule)\(properties)"
        let root = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()[0].root
        let problems = SchemaLoader.load(root, path: FieldPath()).problems
        #expect(problems.contains { $0.description.contains(reason) }, "\(problems)")
    }

    @Test func rulesMustBeAList() throws {
        let text = "{type: object, x-kubernetes-validations: {rule: a}}"
        let root = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()[0].root
        #expect(SchemaLoader.load(root, path: FieldPath()).problems.count == 1)
    }
}
