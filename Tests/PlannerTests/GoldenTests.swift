import Foundation
import HostState
import Planner
import Resources
import Testing

/// For each host of both examples in `manifests/`, and of a fleet that uses every field, the desired state as a file that a person can read: `Golden/EXAMPLE/HOST.txt`.
///
/// `UPDATE_GOLDEN=1 swift test --filter GoldenTests` writes them anew; read the difference before committing it.
@Suite struct GoldenTests {
    @Test(arguments: [
        ("two-hosts", "host-a"), ("two-hosts", "host-b"), ("three-sites", "berlin"), ("three-sites", "home"),
        ("three-sites", "lisbon"), ("every-field", "alpha"), ("every-field", "beta"), ("every-field", "gamma"),
    ])
    func planIsAsWritten(example: String, host: String) throws {
        let text = try Example(example).plan(host).text
        let file = Example.golden.appending(path: example).appending(path: "\(host).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try Data(text.utf8).write(to: file) }
        #expect(try String(decoding: Data(contentsOf: file), as: UTF8.self) == text)
    }

    @Test(arguments: ["two-hosts", "three-sites", "every-field"])
    func orderOfResourcesDoesNotMatter(example name: String) throws {
        let example = try Example(name)
        var turned = example
        turned.resources.nodes.reverse()
        for node in example.resources.nodes.map(\.metadata.name) {
            let facts = example.facts(node)
            #expect(Planner.plan(example.resources, facts: facts) == Planner.plan(turned.resources, facts: facts))
        }
    }
}
