import Convergence
import Foundation
import HostState
import Logging
import NetAddress
import NetworkState
import PodmanState
import Reconciler
import Records
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon

/// A directory of its own, removed at the end.
private func withDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}

private func recorder(_ board: FactBoard, _ records: Records) -> Recorder {
    Recorder(board: board, records: records, localNode: "host-a", logger: Logger(label: "test"))
}

@Suite struct StorageTests {
    @Test func aDiskThatRefusesTheDatabaseStopsNothingAndLostEventsAreCounted() async throws {
        try await withDirectory { directory in
            // Root writes everywhere: a file where the directory should be refuses it too.
            _ = FileManager.default.createFile(atPath: directory + "/state", contents: nil)
            let (records, warning) = try await DaemonParts.openRecords(directory + "/state/state.db")
            #expect(warning?.contains("without persistence") == true)
            #expect(!records.isPersistent)

            let board = FactBoard()
            let recorder = recorder(board, records)
            let inventory = InventoryRecords(state: board.writer(), records: records, recorder: recorder)
            await inventory.amend {
                $0.willApply([KernelChange.createLink(DesiredLink(name: "wg0", kind: .bridge, alias: "wgctl:net"))])
            }
            #expect(try await records.inventory().links == ["wg0"])
            await recorder.event(.normal, "Created", "wg0", regarding: "overlay/net")
            #expect(await recorder.eventsLost == 1)
            #expect(try await records.events().count == 1)
        }
    }

    @Test func aLinkThatIsMadeAgainStaysInTheInventory() async throws {
        try await withDirectory { directory in
            let board = FactBoard()
            let records = try Records(path: directory + "/state.db")
            let inventory = InventoryRecords(
                state: board.writer(), records: records, recorder: recorder(board, records))
            let link = DesiredLink(name: "va-wg0", kind: .veth(peer: "vb-wg0"), alias: "wgctl:net")
            let old = ObservedLink(index: 4, name: "va-wg0", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true)
            let changes: [KernelChange] = [.deleteLink(old), .createLink(link)]
            await inventory.amend { $0.willApply(changes) }
            await inventory.amend { $0.didApply(changes.map { Outcome($0) }) }
            #expect(try await records.inventory().links == ["va-wg0", "vb-wg0"])
            await inventory.amend { $0.didApply([Outcome(KernelChange.deleteLink(old))]) }
            #expect(try await records.inventory().links == ["vb-wg0"])
        }
    }

    /// A time that runs on would leave a later removal one second, and its container SIGKILL.
    @Test func theTimeOfARemovalThatDidNotHappenIsForgotten() async throws {
        try await withDirectory { directory in
            let board = FactBoard()
            let records = try Records(path: directory + "/state.db")
            let inventory = InventoryRecords(
                state: board.writer(), records: records, recorder: recorder(board, records))
            let removal = PodmanChange.removeContainer(name: "web", id: "1", timeout: 60)
            let long = Int64(Date().timeIntervalSince1970) - 1000
            func began() async throws -> Int64? { try await records.inventory().containers["web"]?.removalBegan }
            func reset(_ began: Int64?) async {
                board.prepare { $0.inventory.containers["web"] = OwnedObject(id: "1", removalBegan: began) }
                await inventory.save()
            }

            await reset(nil)
            // What is planned has not begun.
            _ = await inventory.amend { $0.willApply(removal) }
            #expect(try await began() == nil)
            #expect(await inventory.amend { $0.begin(removal, at: Int64(Date().timeIntervalSince1970)) } == removal)
            #expect(try await began() != nil)
            // A daemon that starts in the middle goes on with it.
            await reset(long)
            #expect(
                await inventory.amend { $0.begin(removal, at: Int64(Date().timeIntervalSince1970)) }
                    == .removeContainer(name: "web", id: "1", timeout: 1))

            // It failed.
            await inventory.amend { $0.didApply([Outcome(removal, error: "refused")]) }
            #expect(try await began() == nil)

            // The container is wanted again, as it is; but not while the removal goes on, or is still to come.
            for (changes, underWay) in [([removal], []), ([], Set(["1"]))] {
                await reset(long)
                var changeSet = ChangeSet<PodmanChange>()
                changeSet.changes = changes
                await inventory.amend { [changeSet] in $0.endRemovals(notIn: changeSet, underWay: underWay) }
                #expect(try await began() == long)
            }
            await inventory.amend { $0.endRemovals(notIn: ChangeSet(), underWay: []) }
            #expect(try await began() == nil)
        }
    }

    @Test func whatTheUnwritableDatabaseHoldsIsStillKnown() async throws {
        try await withDirectory { directory in
            let path = directory + "/state.db"
            var inventory = Inventory()
            inventory.links = ["wg0"]
            do { try await Records(path: path).save(inventory) }
            let copy = try Records.inMemory(copying: path)
            #expect(try await copy.inventory() == inventory)
            inventory.links = []
            try await copy.save(inventory)
            #expect(try await Records(path: path).inventory().links == ["wg0"])
        }
    }

    @Test func aTransitionIsToldOnceHoweverManyAsk() async throws {
        try await withDirectory { directory in
            let board = FactBoard()
            let records = try Records(path: directory + "/state.db")
            let recorder = recorder(board, records)
            board.prepare { state in
                state.hasSnapshot = true
                state.accepted.acceptances = [
                    Acceptance(
                        key: ResourceKey(.overlay, "net"), location: SourceLocation(file: "a", line: 1, column: 1),
                        status: .true, reason: Reason.accepted, message: "", generation: 1, json: "{}")
                ]
                state.desired.kernel.links = [DesiredLink(name: "wg0", kind: .bridge, alias: "wgctl:net")]
                state.kernel = ObservedKernel()
                state.kernel?.links["wg0"] = ObservedLink(index: 1, name: "wg0", kind: "bridge", mtu: 1420, isUp: true)
                state.outstanding = [.network: .init(), .podman: .init()]
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { await recorder.refresh() } }
            }
            let told = try await records.events(for: "overlay/net").filter { $0.reason == Reason.ready }
            #expect(told.map(\.count) == [1])

            board.prepare { $0.accepted.acceptances[0].generation = 2 }
            await recorder.refresh()
            let conditions = try await records.conditions()["overlay/net"] ?? []
            #expect(!conditions.isEmpty && conditions.allSatisfy { $0.observedGeneration == 2 })
        }
    }
}
