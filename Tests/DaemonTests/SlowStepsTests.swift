import HostState
import PodmanState
import Synchronization
import Testing

@testable import Daemon
@testable import PodmanLane

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
        let (ends, ended) = AsyncStream<String>.makeStream()
        let steps = SlowSteps(
            SlowSteps.Owner(
                apply: { await containers.apply($0) },
                onLateEnd: { change, _ in ended.yield("\(change.container)") }))
        _ = await steps.begin(removal("stubborn"), on: "stubborn")
        _ = await steps.begin(removal("1"), on: "1")
        let outcomes = await steps.settle(["stubborn", "1"])
        guard case .ended(nil)? = outcomes["1"], case .goesOn? = outcomes["stubborn"] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(await steps.removals == ["stubborn": ContainerRemoval(name: "cstubborn", timeout: 3600)])
        // Later ones need not wait for it.
        _ = await steps.begin(removal("2"), on: "2")
        guard case .ended(nil)? = await steps.settle(["2"])["2"] else {
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
        let steps = SlowSteps(SlowSteps.Owner { await containers.apply($0) })
        let names = (0..<20).map { "stubborn\($0)" }
        for name in names { _ = await steps.begin(removal(name), on: name) }
        while containers.begun.withLock({ $0.count }) < SlowSteps.width { await Task.yield() }
        _ = await steps.settle(names)
        #expect(containers.begun.withLock { $0.count } == SlowSteps.width)
        for name in names.prefix(4) { containers.end(name) }
        while containers.begun.withLock({ $0.count }) < names.count { await Task.yield() }
        for name in names { containers.end(name) }
        while await !steps.isIdle { await steps.waitForAnEnd(atMost: .seconds(1)) }
    }

    /// After `wgctl adopt` another daemon serves in the same process, with an inventory of its own.
    @Test(.timeLimit(.minutes(1))) func whatEndsAfterItsLaneIsToldToTheNextOne() async throws {
        let containers = Containers()
        let told = Mutex<[String]>([])
        @Sendable func owner(_ name: String) -> SlowSteps.Owner {
            SlowSteps.Owner(
                apply: { await containers.apply($0) },
                onLateEnd: { change, _ in told.withLock { $0.append("\(name): \(change.container)") } })
        }
        let steps = SlowSteps(owner("old"))
        for id in ["stubborn1", "stubborn2"] {
            #expect(await steps.begin(removal(id), on: id))
            #expect(await !steps.begin(removal(id), on: id), "one at a time for each")
        }
        while containers.begun.withLock({ $0.count }) < 2 { await Task.yield() }
        await steps.detach()
        containers.end("stubborn1")
        // Nothing can be waited for here: it waits for an owner.
        await steps.waitForAnEnd(atMost: .milliseconds(200))
        #expect(await steps.removals.count == 2)
        await steps.attach(owner("new"))
        containers.end("stubborn2")
        while await !steps.isIdle { await steps.waitForAnEnd(atMost: .seconds(1)) }
        #expect(told.withLock { $0.sorted() } == ["new: cstubborn1", "new: cstubborn2"])
    }

    /// The time that a container has to end runs from SIGTERM on, not from the wait for a turn.
    @Test(.timeLimit(.minutes(1))) func aStepThatWaitsForItsTurnHasNotBegun() async throws {
        let containers = Containers()
        let begun = Mutex<Set<String>>([])
        let steps = SlowSteps(
            SlowSteps.Owner(
                onBegin: { change in
                    begun.withLock { _ = $0.insert(change.container) }
                    return change
                }, apply: { await containers.apply($0) }))
        let names = (0...SlowSteps.width).map { "stubborn\($0)" }
        for name in names { _ = await steps.begin(removal(name), on: name) }
        while containers.begun.withLock({ $0.count }) < SlowSteps.width { await Task.yield() }
        let waiting = names.filter { !begun.withLock(\.self).contains("c\($0)") }
        #expect(waiting.count == 1)
        for name in waiting { #expect(await steps.isQueued(name)) }
        for name in names where !waiting.contains(name) { containers.end(name) }
        while containers.begun.withLock({ $0.count }) < names.count { await Task.yield() }
        for name in waiting { containers.end(name) }
        _ = await steps.settle(names)
        #expect(await steps.isIdle)
    }
}

extension PodmanChange {
    fileprivate var container: String {
        if case .removeContainer(let name, _, _) = self { name } else { "" }
    }
}
