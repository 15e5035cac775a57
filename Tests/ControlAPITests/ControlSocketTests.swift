import ControlAPI
import Convergence
import Descriptors
import Foundation
import JSON
import NetAddress
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing
import UnixHTTP

/// The server and the client over a real Unix socket.
struct ControlSocketTests {
    @Test func objectsArriveAsTheyWereSent() async throws {
        let report = try sampleReport()
        try await withServer(Provider(report)) { client, path in
            for kind in ListedKind.allCases where kind != .events {
                let objects = try await client.objects(ObjectQuery(kind)).objects
                #expect(objects == report.entries(kind).all)
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    /// A report of the whole fleet is far too much for a scrape, or for who asks how the daemon is.
    @Test func summaryAndMetricsTakeNoReport() async throws {
        var report = try sampleReport()
        report.fileErrors = ["a.yaml:1:1: unreadable"]
        let provider = Provider(report)
        try await withServer(provider) { client, _ in
            #expect(try await client.summary() == report.summary)
            let metrics = try await client.metrics()
            #expect(metrics.contains("wgctl_file_errors 1\n"))
            #expect(provider.pages == 0)
        }
    }

    @Test func eventsAreFilteredByObject() async throws {
        let provider = Provider(try sampleReport())
        provider.change { _, events in
            for name: ResourceReference in ["node/host-a", "container/pod a&b"] { events.append(event(name, at: 10)) }
        }
        try await withServer(provider) { client, _ in
            let all = try await client.events()
            #expect(all.count == 2)
            let own = try await client.events(for: "container/pod a&b")
            #expect(own.map(\.regarding) == ["container/pod a&b"])
        }
    }

    @Test func aWatchSendsWhatThereIsAndThenWhatChanges() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            var changes = try await client.watch(ObjectQuery(.peers), isTable: true).makeAsyncIterator()
            #expect(try await changes.next() == .columns(ObjectTable(.peers)))
            guard case .added(.row(let row))? = try await changes.next() else {
                Issue.record("no row")
                return
            }
            #expect(row.name == "host-b" && row.cells[0] == Cell("host-b"))
            #expect(try await changes.next() == .complete)
            // Traffic alone is no change; another endpoint is one, and the peer that is gone.
            provider.change { report, _ in report.peers[0].receivedBytes += 1000 }
            provider.change { report, _ in report.peers[0].endpoint = "192.168.1.21:51820" }
            guard case .modified(.row(let changed))? = try await changes.next() else {
                Issue.record("no change")
                return
            }
            #expect(changed.key == row.key && changed.cells[4] == Cell("192.168.1.21:51820"))
            provider.change { report, _ in report.peers = [] }
            #expect(try await changes.next() == .deleted(row.key))
        }
    }

    @Test func aWatchOfDocumentsSendsThemWhole() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            var changes = try await client.watch(ObjectQuery(.nodes), isTable: false).makeAsyncIterator()
            guard case .added(.object(let node))? = try await changes.next() else {
                Issue.record("no object")
                return
            }
            #expect(node["spec"]?["endpoint"] == "192.168.1.10" && node["kind"] == "Node")
        }
    }

    @Test func aWatchThatIsLeftIsForgotten() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            do {
                var changes = try await client.watch(ObjectQuery(.nodes), isTable: true).makeAsyncIterator()
                _ = try await changes.next()
                #expect(provider.broadcast.readerCount == 1)
            }
            try await waitUntil("the server still watches") { provider.broadcast.readerCount == 0 }
        }
    }

    @Test func watchedEventsAreThoseThatAreNewOrCountUp() async throws {
        let provider = Provider(try sampleReport())
        provider.change { _, events in events = [event("node/host-a", at: 10), event("node/host-b", at: 11)] }
        try await withServer(provider) { client, _ in
            var all = try await client.watchEvents().makeAsyncIterator()
            var own = try await client.watchEvents(for: "node/host-a").makeAsyncIterator()
            #expect(try await all.next()?.regarding == "node/host-a")
            #expect(try await all.next()?.regarding == "node/host-b")
            #expect(try await own.next()?.regarding == "node/host-a")
            provider.change { _, events in events[1].count = 7 }
            #expect(try await all.next() == event("node/host-b", at: 11, count: 7))
            provider.change { _, events in events.append(event("node/host-a", at: 12)) }
            #expect(try await all.next() == event("node/host-a", at: 12))
            #expect(try await own.next() == event("node/host-a", at: 12))
        }
    }

    @Test func aDaemonThatStopsEndsItsWatches() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            var changes = try await client.watch(ObjectQuery(.gateways), isTable: true).makeAsyncIterator()
            #expect(try await changes.next() == .columns(ObjectTable(.gateways)))
            #expect(try await changes.next() == .complete)
            provider.broadcast.finish()
            #expect(try await changes.next() == nil)
            #expect(provider.broadcast.readerCount == 0)
            var late = provider.changes().makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }

    @Test func commandsReachTheDaemon() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            try await client.resync()
            #expect(provider.resyncs == 1)
            #expect(try await client.down() == ["container/pod-a", "link/wg0"])
            #expect(try await client.publicKey() == nil)
            let key = try #require(PublicKey(bytes: [UInt8](repeating: 9, count: 32)))
            provider.set(key: key)
            #expect(try await client.publicKey() == key)
        }
    }

    @Test func pathsAndTrafficArriveAsTheyWereSent() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider) { client, _ in
            let paths = try await client.paths()
            #expect(paths == (await provider.paths()))
            let traffic = try await client.traffic()
            #expect(traffic == (await provider.traffic()))
        }
    }

    @Test func whatTheDaemonRefusesIsSaidInItsWords() async throws {
        let provider = Provider(try sampleReport(), downError: .init(description: "podman hangs"))
        try await withServer(provider) { client, path in
            await #expect(throws: ControlError.refused(status: 500, message: "podman hangs")) {
                try await client.down()
            }
            let raw = UnixHTTPClient(socketPath: path)
            // A GET never changes anything.
            for target in ["/v2/nothing", "/v1/resync"] {
                let response = try await raw.send(HTTPRequest(target: target))
                #expect(response.status == 404)
            }
            #expect(provider.resyncs == 0)
            let health = try await raw.send(HTTPRequest(target: "/healthz"))
            #expect(health.text == "ok\n")
        }
    }

    @Test func noDaemonIsAnErrorOfItsOwn() async throws {
        let path = "/tmp/wgctl-control-no-such.sock"
        await #expect(throws: ControlError.notRunning(socketPath: path)) {
            try await ControlClient(socketPath: path).summary()
        }
    }

    private func event(_ object: ResourceReference, at time: Double, count: Int = 1) -> Event {
        Event(
            type: .normal, reason: "Created", message: "m", regarding: object, count: count, firstTimestamp: at(time),
            lastTimestamp: at(time))
    }

    @Test func onlyTheDeletionsThatAreHeldAreLetGo() async throws {
        let provider = Provider(try sampleReport())
        let held = HeldDeletions(
            reasons: ["everything"],
            deletions: [Deletion(ResourceKey(.node, "b")), Deletion(ResourceKey(.node, "c"), container: "web")])
        provider.held.withLock { $0 = held }
        try await withServer(provider) { client, _ in
            #expect(try await client.heldDeletions() == held)
            await #expect(throws: ControlError.refused(status: 409, message: "others are held")) {
                try await client.prune(Array(held.deletions.dropLast()))
            }
            #expect(try await client.heldDeletions() == held)
            try await client.prune(held.deletions)
            #expect(try await client.heldDeletions().isEmpty)
        }
    }
}
