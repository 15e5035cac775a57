import Convergence
import Foundation
import HostState
import PodmanState
import Testing

@Suite struct TogetherTests {
    @Test func aNetworkIsTakenAwayTogetherWithItsContainers() throws {
        let directory = GoldenTests.folder.appending(path: "network-must-be-made-again")
        let decoder = JSONDecoder()
        let desired = try decoder.decode(
            DesiredHost.self, from: Data(contentsOf: directory.appending(path: "desired.json")))
        let situation = try decoder.decode(
            Situation.self, from: Data(contentsOf: directory.appending(path: "observed.json")))
        let changes = try #require(situation.podmanChanges(to: desired))
        // The container first; the network once it is gone.
        let removals = (changes.changes + changes.waiting.map(\.change)).filter {
            if case .removeContainer = $0 { return true }
            if case .removeNetwork = $0 { return true }
            return false
        }
        #expect(changes.together == [Set(removals.map(\.object))])
        #expect(changes.together.first?.count == 2)
    }
}
