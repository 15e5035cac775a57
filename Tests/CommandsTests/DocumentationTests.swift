import Foundation
import TestSupport
import Testing

/// `docs/commands.md` shows what the program prints.
struct DocumentationTests {
    @Test(arguments: [
        ("wgctl get nodes,containers,peers", "get-nodes,containers,peers.txt"), ("wgctl status", "status.txt"),
        ("wgctl doctor", "doctor.txt"),
        ("wgctl explain node.spec.overlays", "explain-node.spec.overlays.txt"),
        ("wgctl diff manifests", "diff.txt"), ("wgctl check", "check.txt"), ("wgctl top", "top.txt"),
        ("wgctl validate fleet", "validate.text"),
        ("wgctl import wg-quick host-a.conf host-b.conf", "import-wg-quick.txt"),
    ])
    func examplesAreTheGoldenTexts(_ command: String, _ golden: String) throws {
        let text = try String(contentsOf: Repository.root.appending(path: "docs/commands.md"), encoding: .utf8)
        let output = try String(
            contentsOf: Repository.root.appending(path: "Tests/CommandsTests/Golden/\(golden)"), encoding: .utf8)
        let begin = try #require(text.range(of: "```\n$ \(command)\n"), "docs/commands.md has no such example")
        let end = try #require(text.range(of: "```\n", range: begin.upperBound..<text.endIndex))
        try expectGolden(
            text[..<begin.upperBound] + output + text[end.lowerBound...], "../../docs/commands.md")
    }
}
