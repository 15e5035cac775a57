import Manifest
import Testing

/// Whatever a file of 1 MiB holds, it is read in bounded time, memory and stack.
@Suite struct LimitTests {
    private static func errors(_ text: String) -> [ManifestError] {
        do throws(ManifestError) {
            return try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents().flatMap(\.errors)
        } catch { return [error] }
    }

    /// Each of these is slow, deep or large in some parser. A minute is what a hang takes, not what they take.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "[", "{a: ", "- ", "? ", "{? ", "&a ", "[&a x,", "*a, ", "[], ", "{}, ", "a, ", "---\n", "a: 1\n---\n",
            "a: 1\n",
            "- a\n", "!!str a, ", "%TAG !a! b\n", "%YAML 1.1\n", "#\n", "\n", " ", "\t", "\r", ": ", ":", "\"", "'",
            "a: |\n  x\n",
            "a: >\n  x\n\n", "a\u{301}", "\\x41", "...\n", "\u{feff}", "<<: {}\n", "? a\n: b\n", "a:\n  ",
        ])
    func aFileFullOfOneToken(token: String) {
        let full = String(repeating: token, count: (1 << 20) / token.utf8.count)
        // Bare, and a part of it where a list or a quoted text has begun.
        for text in [full, "a: [" + full.prefix(1 << 16), "a: \"" + full.prefix(1 << 16)] {
            let errors = LimitTests.errors(text)
            #expect(errors.count <= Document.errorLimit * 4096)
            #expect(errors.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.description.utf8.count < 4096 })
        }
    }

    private static func keys(_ count: Int) -> String { (0..<count).map { "k\($0): 1\n" }.joined() }

    @Test(arguments: [
        (
            "documents", String(repeating: "a: 1\n---\n", count: 4096) + "a: 1\n",
            "a.yaml:8192:1: more than 4096 documents"
        ),
        ("values", "a: [" + String(repeating: "x, ", count: 131_072) + "]", "more than 131072 keys and values"),
        ("keys", keys(65_536), "a.yaml:65536:9: more than 131072 keys and values"),
        ("empty documents", String(repeating: "---\n", count: 131_073), "more than 131072 keys and values"),
        (
            "value", "a: \"\(String(repeating: "x", count: 131_073))\"\n",
            "a.yaml:1:4: a: a value longer than 128 KiB, shorten"
        ),
        (
            "key", "? \"\(String(repeating: "k", count: 1025))\"\n: 1\n",
            "a.yaml:1:3: a key longer than 1024 bytes, shorten it"
        ),
        (
            "directives", String(repeating: "%TAG !a! b\n", count: 65) + "--- a\n",
            "a.yaml:65:1: more than 64 lines begin with %"
        ),
        ("nesting", String(repeating: "[", count: 300), "nested deeper than 256 levels, flatten it"),
    ])
    func everyLimitHasItsMessage(what: String, text: String, message: String) {
        let errors = LimitTests.errors(text)
        #expect(errors.count == 1 && errors.first?.description.contains(message) == true, "\(what): \(errors)")
    }

    @Test(arguments: [
        String(repeating: "a: 1\n---\n", count: 4095) + "a: 1\n", keys(65_535),
        "a: \"\(String(repeating: "x", count: 131_072))\"\n", "\(String(repeating: "k", count: 1000)): 1\n",
        String(repeating: "%YAML 1.1\n", count: 1) + "---\na: \"\n\(String(repeating: "%\n", count: 63))\"\n",
    ])
    func whatIsWithinTheLimitsIsRead(text: String) {
        #expect(LimitTests.errors(text) == [])
    }

    /// Beyond the first twenty, a mistake costs no text: a suggestion for each would take minutes.
    @Test(.timeLimit(.minutes(1))) func sixtyThousandMistakesAreToldTwentyTimes() throws {
        let text = (0..<30_000).map { "a: *a\n<<: \($0)\n" }.joined()
        let documents = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()
        #expect(documents.map(\.errors.count) == [Document.errorLimit])
    }
}
