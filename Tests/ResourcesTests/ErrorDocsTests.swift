import Foundation
import Resources
import TestSupport
import Testing

/// docs/errors.md, made of the code's own table of reasons and of what the golden tests saw it say.
@Suite struct ErrorDocsTests {
    @Test func docsAreWhatTheCodeSays() throws {
        let text = """
            # Errors and their remedies

            Made from `ReasonTable` and from the golden tests; do not edit.
            Conditions are shown by `wgctl get` and `describe`, events by `wgctl events`; a condition's words are those of
            its events too.

            \(ReasonTable.markdown)
            ## Mistakes in manifests

            Each is told as `FILE:LINE:COLUMN: path: reason, remedy`, by `wgctl validate` before and by `wgctl get` and
            `wgctl events` afterwards. What follows is what the tests provoke, without the place.


            """
        try expectGolden(text + (try mistakes()), "../../docs/errors.md")
    }

    @Test func everyReasonIsInTheTableOnce() {
        let words = ReasonTable.sections.flatMap(\.entries).map(\.reason)
        #expect(Set(words).count == words.count)
        for word in words { #expect(word.wholeMatch(of: #/[A-Z][A-Za-z]+/#) != nil) }
    }

    /// A list item a mistake, under the name of its case.
    private func mistakes() throws -> String {
        var text = ""
        for (title, path) in [
            ("YAML", "../ManifestTests/Golden/refusals.txt"), ("Fields", "../SchemaTests/Golden/validation.txt"),
            ("Addresses, names, quantities", "Golden/bad-input.txt"), ("Across resources", "Golden/fleet-rules.txt"),
        ] {
            text += "### \(title)\n\n"
            let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: path)
            var seen: Set<String> = []
            for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
                guard let place = line.firstMatch(of: #/^\s+\S+:\d+:\d+: /#) else { continue }
                let message = String(line[place.range.upperBound...])
                if seen.insert(message).inserted { text += "- `\(message.replacing("`", with: "'"))`\n" }
            }
            text += "\n"
        }
        return String(text.dropLast())
    }
}
