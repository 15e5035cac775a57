import Convergence
import Foundation
import Records
import ReferenceLiterals
import Resources
import TestSupport
import Testing

/// A state database in a directory of its own, removed when the last reference goes.
final class Fixture: Sendable {
    let directory = temporaryPath("records")
    var path: String { directory + "/lib/state.db" }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open() throws -> Records { try Records(path: path) }

    func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}

func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }

func condition(
    _ type: Condition.ConditionType, _ status: Condition.Status, _ reason: String = "R", message: String = "",
    at time: Double = 1000
) -> Condition {
    Condition(
        type: type, status: status, reason: reason, message: message, lastTransitionTime: at(time),
        observedGeneration: 1)
}

func event(_ reason: String, _ message: String, regarding: ResourceReference = "node/host-a", at time: Double) -> Event
{
    Event(
        type: .normal, reason: reason, message: message, regarding: regarding, firstTimestamp: at(time),
        lastTimestamp: at(time))
}

func document(_ name: String, generation: Int = 1, json: String = "{}", line: Int = 1) -> LastGood {
    LastGood(
        key: ResourceKey(.node, name), location: SourceLocation(file: "a.yaml", line: line, column: 1),
        generation: generation, json: json)
}
