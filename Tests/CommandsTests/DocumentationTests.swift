import Foundation
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
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let page = tests.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/commands.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let output = try String(contentsOf: tests.appendingPathComponent("Golden/\(golden)"), encoding: .utf8)
        #expect(text.contains("```\n$ \(command)\n\(output)```\n"))
    }
}
