import HostState
import Synchronization
import Testing

@testable import Daemon

/// Fault 57: what waits for a container to end delays nothing else.
@Suite struct SlowStepsTests {
    private func removal(_ id: String) -> PodmanChange { .removeContainer(name: "c\(id)", id: id, timeout: 3600) }

    /// Containers that end when the test ends them.
    private final class Containers: Sendable {
        private let waiting = Mutex<[String: CheckedContinuation<Void, Never>]>([:])
        let begun = Mutex<Set<String>>([])

        func apply(_ change: PodmanChange) async {
            guard case .removeContainer(_, let id, _) = change else { return }
            guard id.hasPrefix("stubborn") else { return begun.withLock { _ = $0.insert(id) } }
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[id] = continuation }
                begun.withLock { _ = $0.insert(id) }
            }
        }

        func end(_ id: String) { waiting.withLock { $0.removeValue(forKey: id) }?.resume() }
    }

    @Test(.timeLimit(.minutes(1))) func aStubbornContainerHoldsUpNoOther() async throws {
        let containers = Containers()
        let steps = SlowSteps { await containers.apply($0) }
        let (ends, ended) = AsyncStream<String>.makeStream()
        await steps.onLateEnd({ change, _ in ended.yield("\(change.container)") }, wake: {})
        await steps.begin(removal("stubborn"), on: "stubborn")
        await steps.begin(removal("1"), on: "1")
        let outcomes = await steps.settle(["stubborn", "1"])
        guard case .ended(error: nil)? = outcomes["1"], case .goesOn? = outcomes["stubborn"] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(await steps.removals == ["stubborn": ContainerRemoval(name: "cstubborn", timeout: 3600)])
        // Later ones need not wait for it.
        await steps.begin(removal("2"), on: "2")
        guard case .ended(error: nil)? = await steps.settle(["2"])["2"] else {
            Issue.record("2 waits for the stubborn one")
            return
        }
        containers.end("stubborn")
        for await name in ends {
            #expect(name == "cstubborn")
            break
        }
        while await !steps.isIdle { await steps.waitForAnEnd(atMost: .seconds(1)) }
        #expect(await steps.removals.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func atMostSixteenBeginSideBySide() async throws {
        let containers = Containers()
        let steps = SlowSteps { await containers.apply($0) }
        let names = (0..<20).map { "stubborn\($0)" }
        for name in names { await steps.begin(removal(name), on: name) }
        while containers.begun.withLock({ $0.count }) < SlowSteps.width { await Task.yield() }
        _ = await steps.settle(names)
        #expect(containers.begun.withLock { $0.count } == SlowSteps.width)
        for name in names.prefix(4) { containers.end(name) }
        while containers.begun.withLock({ $0.count }) < names.count { await Task.yield() }
        for name in names { containers.end(name) }
        while await !steps.isIdle { await steps.waitForAnEnd(atMost: .seconds(1)) }
    }
}

extension PodmanChange {
    fileprivate var container: String {
        if case .removeContainer(let name, _, _) = self { name } else { "" }
    }
}
