import Foundation
import Testing

@testable import Lab

@Suite struct LabListTests {
    @Test func `what lies in the folder of all labs and is none is not listed`() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "lab-list-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (name, record) in [("b", "{}"), ("a", try encodeJSON(Self.record)), ("other", nil)] {
            try makeDirectory("\(root)/\(name)")
            if let record { try writeFile(record, to: "\(root)/\(name)/lab.json") }
        }
        #expect(Lab.names(root: root) == ["a", "b"])
        #expect(
            Lab.all(root: root) == [
                LabSummary(name: "a", hosts: 1, running: 0, manifests: "/m"),
                LabSummary(name: "b", hosts: 0, running: 0),
            ])
        #expect(try Lab(name: "a", root: root).hostNames == ["host-a"])
        #expect(try Lab(name: "x", root: root).hostNames.isEmpty)
        #expect(throws: LabError.noSuchLab("x", running: [])) { try Lab(name: "x", root: root).hosts() }
    }

    @Test func `a name that is missing is told with those that run`() {
        #expect("\(LabError.noSuchLab("x", running: ["a", "b"]))" == "no lab named \"x\"; running: a, b")
        #expect("\(LabError.noSuchLab("x", running: []))".contains("start one with `wgctl lab up DIR --name x`"))
    }

    @Test func `a renamed Node is its host's, not a new one's`() {
        func node(_ name: String, _ last: UInt8) -> LabNode {
            LabNode(name: name, endpoints: [], overlayAddresses: [UnderlayTests.v4(10, 0, 0, last)])
        }
        let seen = ["a": node("a", 1), "b": node("b", 2)]
        let renamed = Lab.renamed(node("c", 2), from: ["a", "b"], to: [node("a", 1), node("c", 2)], seen: seen)
        #expect(renamed == "b")
        #expect(Lab.renamed(node("c", 3), from: ["a", "b"], to: [node("a", 1), node("c", 3)], seen: seen) == nil)
        let beside = [node("a", 1), node("b", 2), node("c", 2)]
        #expect(Lab.renamed(node("c", 2), from: ["a", "b"], to: beside, seen: seen) == nil)
    }

    private static var record: LabRecord {
        get throws {
            let underlay = try Underlay(nodes: [LabNode(name: "host-a", endpoints: [])])
            return LabRecord(manifests: "/m", hosts: underlay.hosts.map { .init($0) }, isComplete: true)
        }
    }
}
