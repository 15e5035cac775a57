import HostState
import Synchronization
import TestSupport
import Testing

@testable import PodmanLane

/// Health checks that wgd runs itself, where Podman's systemd timers do not.
@Suite struct HealthChecksTests {
    /// Checks that end when the test says so, and how many were in progress at once.
    private final class Podman: Sendable {
        struct State {
            var runs: [String: Int] = [:]
            var running: Set<String> = []
            var most = 0
            /// Those that do not end.
            var hanging: Set<String> = []
            var isOpen = true
        }

        let state = Mutex(State())
        let wakes = Mutex<[String]>([])

        func check(_ target: HealthChecks.Target) async throws -> String? {
            state.withLock { state in
                state.runs[target.name, default: 0] += 1
                #expect(state.running.insert(target.name).inserted, "one at a time for each container")
                state.most = max(state.most, state.running.count)
            }
            defer { state.withLock { _ = $0.running.remove(target.name) } }
            while state.withLock({ !$0.isOpen || $0.hanging.contains(target.name) }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            return "healthy"
        }

        func runs(_ name: String) -> Int { state.withLock { $0.runs[name] ?? 0 } }
    }

    private func target(
        _ name: String, startedAt: Int64 = 1, interval: Duration = .milliseconds(20), timeout: Duration = .seconds(60)
    ) -> HealthChecks.Target {
        .init(name: name, id: name, startedAt: startedAt, check: .init(interval: interval, timeout: timeout))
    }

    private func with(_ podman: Podman, _ body: (HealthChecks) async throws -> Void) async throws {
        let checks = HealthChecks { try await podman.check($0) }
        let run = Task { await checks.run { cause in podman.wakes.withLock { $0.append(cause) } } }
        try await body(checks)
        run.cancel()
        await run.value
        try await waitUntil("all checks have ended", seconds: 20) { podman.state.withLock { $0.running.isEmpty } }
    }

    @Test func aRunningContainerIsCheckedAtItsIntervalUntilItEnds() async throws {
        let podman = Podman()
        try await with(podman) { checks in
            let often = target("often")
            await checks.follow([often, target("seldom", interval: .seconds(3600))])
            try await waitUntil("it was checked more than once", seconds: 20) { podman.runs("often") > 3 }
            try await waitUntil("the first check is at once", seconds: 20) { podman.runs("seldom") == 1 }
            // A status that stays is no news.
            #expect(podman.wakes.withLock { $0.filter { $0.contains("often") }.count } == 1)
            await checks.follow([target("seldom", startedAt: 2, interval: .seconds(3600))])
            try await waitUntil("another run is checked from its beginning", seconds: 20) { podman.runs("seldom") == 2 }
            try await waitUntil("the last one has ended", seconds: 20) { podman.state.withLock { $0.running.isEmpty } }
            let runs = podman.runs("often")
            try await Task.sleep(for: .milliseconds(100))
            #expect(podman.runs("often") == runs)
        }
    }

    @Test func fewRunSideBySide() async throws {
        let podman = Podman()
        podman.state.withLock { $0.isOpen = false }
        try await with(podman) { checks in
            await checks.follow(Set((0..<20).map { target("c\($0)") }))
            try await waitUntil("as many as may", seconds: 20) {
                podman.state.withLock { $0.running.count == HealthChecks.width }
            }
            podman.state.withLock { $0.isOpen = true }
            try await waitUntil("all were checked", seconds: 20) { podman.state.withLock { $0.runs.count == 20 } }
            #expect(podman.state.withLock { $0.most } == HealthChecks.width)
        }
    }

    @Test func oneThatDoesNotEndIsOverdueAndDelaysNoOther() async throws {
        let podman = Podman()
        let hanging = Set((0..<HealthChecks.width).map { "hangs\($0)" })
        podman.state.withLock { $0.hanging = hanging }
        try await with(podman) { checks in
            let targets = hanging.map { target($0, timeout: .milliseconds(50)) }
            await checks.follow(Set(targets))
            try await waitUntil("all are overdue", seconds: 20) { await checks.overdue == hanging }
            #expect(podman.wakes.withLock { $0.contains { $0.contains("longer than its timeout") } })
            await checks.follow(Set(targets + [target("other")]))
            try await waitUntil("another is checked", seconds: 20) { podman.runs("other") > 0 }
            #expect(hanging.allSatisfy { podman.runs($0) == 1 }, "no second one beside the first")
            podman.state.withLock { $0.hanging = [] }
            try await waitUntil("they have ended", seconds: 20) { await checks.overdue.isEmpty }
        }
    }
}
