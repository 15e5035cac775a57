import Manifest
import TestSupport
import Testing

@Suite struct RefusalTests {
    /// Every way in which YAML itself is refused, each with its text.
    @Test func textsOfErrors() throws {
        let depth = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let cases: [(String, [UInt8])] = [
            ("alias as value", Array("a: &x 1\nb: *x\n".utf8)),
            ("alias as key", Array("a: &x 1\n*x : 2\n".utf8)),
            ("tag", Array("a: !!binary aGk=\nb: !mine x\n".utf8)),
            ("tag on a mapping", Array("a: !mine {b: 1}\n".utf8)),
            ("tag directive", Array("%TAG ! tag:example.org,2000:\n---\na: 1\n".utf8)),
            ("merge key", Array("a:\n  <<: {b: 1}\n".utf8)),
            ("duplicate key", Array("spec:\n  a: 1\n  b: 2\n  a: 3\n".utf8)),
            ("complex key", Array("? [a]\n: 1\n".utf8)),
            ("depth", Array("a: \(depth)\n".utf8)),
            ("syntax", Array("a: [1, 2\nb: 3\n".utf8)),
            ("syntax after a good document", Array("a: 1\n---\n\tb: 1\n".utf8)),
            ("tab after spaces", Array("a:\n  b:\n  \tc: 1\n".utf8)),
            ("character that begins nothing", Array("a: {b: @x}\n".utf8)),
            ("no-break space after a colon", Array("a:\n  b: 1\n  c:\u{a0}1\nd: 2\n".utf8)),
            ("no-break space on the line above", Array("a:\r\n  b:\u{a0}1\r\n  c: 2\r\n".utf8)),
            ("unclosed quote", Array("password: \"canary\n".utf8)),
            ("not UTF-8", Array("a: ".utf8) + [0xff]),
            ("UTF-16", [0xff, 0xfe, 0x61, 0]),
            ("UTF-16 without its mark", [0x61, 0, 0x3a, 0, 0x20, 0]),
            ("NUL", Array("a: 1\nb: ".utf8) + [0, 0x0a]),
            ("control character", Array("a: 1\nb: \u{1}\n".utf8)),
            ("too long", [UInt8](repeating: 0x23, count: 1 << 20 + 1)),
        ]
        var text = ""
        for (name, bytes) in cases {
            text += "\(name)\n"
            for error in errors(ManifestFile(path: "a\n.yaml", contents: .bytes(bytes))) { text += "  \(error)\n" }
        }
        for error in errors(ManifestFile(path: "b.yaml", contents: .unreadable(reason: "Permission denied"))) {
            text += "unreadable\n  \(error)\n"
        }
        #expect(!text.contains("canary"))
        try expectGolden(text, "Golden/refusals.txt")
    }

    private func errors(_ file: ManifestFile) -> [ManifestError] {
        do throws(ManifestError) {
            return try file.documents().flatMap(\.errors)
        } catch { return [error] }
    }

    @Test func emptyDocumentsAreLeftOut() throws {
        let text = "# only a comment\n---\na: 1\n---\n---\n# and another\n"
        let documents = try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents()
        #expect(documents.count == 1)
        #expect(try ManifestFile(path: "a.yaml", contents: .bytes([])).documents().isEmpty)
    }
}
