import Foundation
import GRDB
import HostState
import NetAddress
import Records
import ReferenceLiterals
import Resources
import Testing

/// What is stored comes back, also after a restart, and nothing is written twice (I7).
struct RecordsTests {
    @Test func lastGoodWritesOnlyWhatDiffers() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        try await records.save(lastGood: [document("host-b"), document("host-a")], at: at(100))
        #expect(records.writes == 2)
        #expect(try await records.lastGood() == [document("host-a"), document("host-b")])

        try await records.save(lastGood: [document("host-a"), document("host-b")], at: at(200))
        #expect(records.writes == 2)

        let changed = document("host-a", generation: 2, json: #"{"spec":{}}"#, line: 7)
        try await records.save(lastGood: [changed], at: at(300))
        #expect(records.writes == 4)
        let again = try fixture.open()
        #expect(try await again.lastGood() == [changed])
        #expect(try await again.creationTimestamps() == [changed.key: at(100)])
    }

    @Test func inventoryAndReportAreWrittenOnChangeOnly() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        #expect(try await records.inventory() == Inventory())
        var inventory = Inventory()
        inventory.links = ["wg0", "wgbr0"]
        inventory.sysctlsBefore = ["net.ipv4.ip_forward": "0"]
        inventory.containers = ["pod-a": OwnedObject(id: "1", nonce: "2")]
        try await records.save(inventory)
        try await records.save(inventory)
        #expect(records.writes == 1)
        #expect(try await records.report() == nil)
        try await records.save(report: "{}")
        try await records.save(report: "{}")
        #expect(records.writes == 2)
        let again = try fixture.open()
        #expect(try await again.inventory() == inventory)
        #expect(try await again.report() == "{}")
    }

    @Test func resolvedNamesAreKeptAndWrittenWhenTheyDiffer() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        #expect(try await records.resolved() == [:])
        let names = ["b.example": [IPAddress(v4: 1), IPAddress(v4: 2)], "a.example": [IPAddress(v4: 3)]]
        for _ in 0..<2 { try await records.save(resolved: names) }
        #expect(records.writes == 1)
        #expect(try await fixture.open().resolved() == names)
    }

    @Test func whichNodeIsServedIsKeptWithTheNamesThatThingsWereMadeWith() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        #expect(try await records.served() == nil)
        let served = ServedRecord(node: "host-bee", reportedName: "host-b")
        for _ in 0..<2 {
            try await records.save(lastGood: [], identities: Identities(node: "host-b"), served: served)
        }
        #expect(records.writes == 2)
        #expect(try await fixture.open().served() == served)
        #expect(try await fixture.open().identities() == Identities(node: "host-b"))
        try await records.save(ServedRecord?.none)
        #expect(try await records.served() == nil)
    }

    @Test func transitionTimeIsKeptWhileTheStatusIs() async throws {
        let records = try Fixture().open()
        func set(_ conditions: [Condition]) async throws -> [Condition] {
            try #require(try await records.set(["node/host-a": conditions])["node/host-a"])
        }
        let first = try await set([condition(.ready, .false, "NoReply"), condition(.accepted, .true)])
        #expect(first.map(\.type) == [.accepted, .ready])
        #expect(records.writes == 2)

        let same = try await set([condition(.accepted, .true, at: 2000), condition(.ready, .false, "NoPath", at: 2000)])
        #expect(same.map(\.lastTransitionTime) == [at(1000), at(1000)])
        #expect(same.map(\.reason) == ["R", "NoPath"])
        #expect(records.writes == 3)

        let turned = try await set([condition(.ready, .true, at: 3000)])
        #expect(turned.map(\.lastTransitionTime) == [at(3000)])
        #expect(try await records.conditions() == ["node/host-a": turned])
        try await records.remove(object: "node/host-a")
        #expect(try await records.conditions().isEmpty)
    }

    @Test func eventsAggregateWithinTheWindow() async throws {
        let records = try Fixture().open()
        try await records.record(event("DriftRepaired", "route 10.0.0.20/32 was gone", at: 1000))
        let second = try await records.record(event("DriftRepaired", "route 10.0.0.20/32 was gone", at: 2000))
        #expect(second.count == 2)
        #expect(second.firstTimestamp == at(1000))
        #expect(second.lastTimestamp == at(2000))
        try await records.record(event("DriftRepaired", "another", at: 2001))
        try await records.record(event("Created", "pod-a", regarding: "container/pod-a", at: 2002))
        // One second past the window after the last repetition: an event of its own.
        let later = try await records.record(
            event("DriftRepaired", "route 10.0.0.20/32 was gone", at: 2000 + EventRetention.window + 1))
        #expect(later.count == 1)
        #expect(try await records.events().map(\.count) == [2, 1, 1, 1])
        #expect(try await records.events(for: "container/pod-a").map(\.reason) == ["Created"])
        #expect(try await records.events(limit: 1) == [later])
    }

    @Test func eventsAreBoundedInNumberAndAge() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        let filler = try DatabaseQueue(path: fixture.path)
        try await filler.write { db in
            for number in 0..<EventRetention.rows {
                try db.execute(
                    sql: "INSERT INTO event VALUES (NULL, 'Normal', 'Old', 'node/a', ?, 1, ?, ?)",
                    arguments: ["number \(number)", number, number])
            }
        }
        for number in 0..<200 { try await records.record(event("E", "number \(number)", at: 10_000 + Double(number))) }
        let kept = try await records.events(limit: .max)
        #expect(kept.count >= EventRetention.rows && kept.count < EventRetention.rows + 64)
        #expect(kept.last?.message == "number 199")
        #expect(!kept.contains { $0.message == "number 0" && $0.reason == "Old" })

        for number in 0..<64 {
            let time = 30_000 + EventRetention.age + Double(number)
            try await records.record(event("Late", "number \(number)", at: time))
        }
        #expect(try await records.events(limit: .max).allSatisfy { $0.reason == "Late" })
    }

    /// 20 MiB go through the journal, which stays near one, also while another process keeps the file open to read.
    @Test func theJournalStaysBounded() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        let reader = try Records.readOnly(path: fixture.path)
        for number in 0..<50 {
            try await records.save(report: String(repeating: "\(number % 10)", count: 400 << 10))
            #expect(try await reader.report()?.utf8.count == 400 << 10)
        }
        #expect(fixture.size(fixture.path + "-wal") <= 2 << 20)
    }

    @Test func heartbeatsAreNotCounted() async throws {
        let records = try Fixture().open()
        #expect(try await records.lastHeartbeat() == nil)
        try await records.heartbeat(at: at(5.25))
        #expect(try await records.lastHeartbeat() == at(5.25))
        #expect(records.writes == 0)
    }

    @Test func aCancelledTaskStillRecords() async throws {
        let records = try Fixture().open()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await records.record(event("Stopped", "bye", at: 1))
        }
        #expect(try await task.value.count == 1)
        #expect(try await records.events().count == 1)
    }
}
