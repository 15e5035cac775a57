import Foundation
import HostState
import Planner
import Resources
import TestSupport
import Testing

/// For each host of both examples in `manifests/`, and of a fleet that uses every field, the desired state as a file that a person can read: `Golden/EXAMPLE/HOST.txt`.
@Suite struct GoldenTests {
    @Test(arguments: [
        ("two-hosts", "host-a"), ("two-hosts", "host-b"), ("three-sites", "berlin"), ("three-sites", "home"),
        ("three-sites", "lisbon"), ("every-field", "alpha"), ("every-field", "beta"), ("every-field", "gamma"),
    ])
    func planIsAsWritten(example: String, host: String) throws {
        let text = try Example(example).plan(host).text
        try expectGolden(text, "Golden/\(example)/\(host).txt")
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
