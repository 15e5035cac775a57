import Foundation
import TestSupport
import Testing

/// The commands that the documents show, on a real host: none may be wrong.
extension EndToEnd {
    @Suite(.lab("readme", of: "two-hosts")) struct ReadmeTests {
        private static let readOnly: Set = ["get", "describe", "events", "status", "key", "version", "completion"]

        /// The lines of fenced `sh` blocks that only look, without `sudo`, comments, and `-w`, which never ends.
        static func commands(in document: String) -> [[String]] {
            var commands: [[String]] = []
            var isShell = false
            for line in document.components(separatedBy: "\n") {
                let text = line.trimmingCharacters(in: .whitespaces)
                if text.hasPrefix("```") {
                    isShell = text == "```sh"
                } else if isShell {
                    let code = text.components(separatedBy: " #")[0]
                    var words = code.split(separator: " ").map(String.init).filter { $0 != "-w" }
                    if words.first == "sudo" { words.removeFirst() }
                    if words.count > 1, words[0] == "wgctl", readOnly.contains(words[1]) { commands.append(words) }
                }
            }
            return commands
        }

        @Test(arguments: ["README.md": 2, "docs/commands.md": 8])
        func shownCommandsWork(document: String, atLeast: Int) async throws {
            let lab = try lab()
            let text = try String(
                contentsOf: Repository.root.appendingPathComponent(document), encoding: .utf8)
            let commands = Self.commands(in: text)
            #expect(commands.count >= atLeast, "\(document): \(commands)")
            for command in commands {
                let finished = try await lab.exec("host-a", command)
                #expect(finished.isSuccess, "\(document): \(command.joined(separator: " ")): \(finished)")
                #expect(!finished.output.isEmpty, "\(document): \(command.joined(separator: " ")) prints nothing")
            }
        }

        /// What the text names in passing: `wgctl describe node host-b`.
        @Test func commandsInTheTextWork() async throws {
            let lab = try lab()
            let text = try String(
                contentsOf: Repository.root.appendingPathComponent("README.md"), encoding: .utf8)
            let spans = text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            // Capital letters stand for something to fill in.
            let commands = Set(spans).filter { span in
                span.hasPrefix("wgctl ") && span == span.lowercased() && !span.contains("[") && !span.contains("…")
            }.map { $0.split(separator: " ").map(String.init).filter { $0 != "-w" } }
            let looking = commands.filter { $0.count > 1 && Self.readOnly.contains($0[1]) }
            #expect(looking.count >= 2, "\(commands)")
            for command in looking {
                let finished = try await lab.exec("host-a", command)
                #expect(finished.isSuccess, "\(command.joined(separator: " ")): \(finished)")
            }
        }

        /// docs/dataplane.md shows the routes of host-a.
        @Test func theRoutesOfTheDataPlaneAreAsShown() async throws {
            let lab = try lab()
            let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/dataplane.md")
            let page = try String(contentsOf: url.standardized, encoding: .utf8)
            let command = "ip route show proto 87"
            let block = try #require(page.components(separatedBy: "$ \(command)\n").dropFirst().first)
            let shown = block.components(separatedBy: "\n").prefix { !$0.hasPrefix("$") && !$0.hasPrefix("```") }
            let finished = try await lab.exec("host-a", command.components(separatedBy: " "))
            let routes = finished.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(Array(shown) == routes, "\(finished)")
        }
    }
}
