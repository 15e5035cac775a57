import ControlAPI
import Convergence
import Foundation
import HostState
import NetAddress
import NetworkState
import PodmanState
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon

/// What is reported of containers that exist and are not as they should be (invariant I11).
@Suite struct ContainerConditionTests {
    private let address = IPAddress(v4: 0x0a00_000a)

    private var wanted: DesiredContainer {
        var container = DesiredContainer(name: "web", node: "host-a", image: "x")
        container.networks = [
            .init(network: "net", bridge: "br0", addresses: [address], macAddress: MACAddress(derivedFrom: "web"))
        ]
        return container
    }

    /// A rollout whose image cannot be pulled: the container of before runs on.
    @Test func aRolloutWithoutItsImageIsNotProgrammedAndWhatRunsStaysReady() throws {
        for isPulling in [false, true] {
            var state = state { container, podman in
                container.labels[OwnershipMark.specHashLabel] = "before"
                podman.images = [:]
                if isPulling { podman.pulling = ["x"] }
            }
            let before = try condition(.programmed, state)
            #expect(before.reason == (isPulling ? Reason.pulling : Reason.programmed))
            state.pullErrors["x"] = "manifest unknown"
            let programmed = try condition(.programmed, state)
            #expect(programmed.status == .false && programmed.reason == Reason.errImagePull)
            #expect(programmed.message == "manifest unknown")
            #expect(try condition(.ready, state).status == .true)
        }
        var current = state { container, podman in
            container.labels[OwnershipMark.specHashLabel] = wanted.specHash
            podman.images = [:]
        }
        current.pullErrors["x"] = "manifest unknown"
        #expect(try condition(.programmed, current).status == .true, "it runs what is wanted")
    }

    @Test func whatExitsContinuouslySaysSoAndWhenItStartsAgain() throws {
        var state = state { container, _ in
            container.state = .exited
            container.exitCode = 3
        }
        let start = PodmanChange.startContainer(wanted, id: "1")
        let owners = Owners(state.desired, localNode: "host-a")
        func waiting(_ reason: String) -> [Outstanding.Waiting] {
            [Outstanding.Waiting(WaitingChange(start, reason: reason), owners)]
        }
        state.outstanding[.podman]?.waiting = waiting(StartBackoff.momentReason)
        #expect(try condition(.ready, state).reason == Reason.notReady)
        state.outstanding[.podman]?.waiting = waiting("waiting for the bridge br0")
        #expect(try condition(.ready, state).reason == Reason.notReady, "it waits for something else")
        state.outstanding[.podman]?.waiting = waiting("back-off: it starts again in time")
        let ready = try condition(.ready, state)
        #expect(ready.reason == Reason.crashLoopBackOff)
        #expect(ready.message == "exited, exit status 3; back-off: it starts again in time")
        #expect(try condition(.programmed, state).reason == Reason.crashLoopBackOff, "which STATUS shows")
        // It has run, and now it cannot even be started.
        state.startErrors["web"] = "container/web: the host path /srv does not exist"
        let broken = try condition(.ready, state)
        #expect(broken.reason == Reason.failed && broken.message.contains("the host path /srv does not exist"))
    }

    @Test func aHealthCheckThatDoesNotEndIsUnhealthy() throws {
        let hung = state { container, podman in
            container.health = "healthy"
            podman.overdueChecks = ["1"]
        }
        #expect(try condition(.ready, hung).reason == Reason.unhealthy)
    }

    private func state(_ body: (inout ObservedContainer, inout ObservedPodman) -> Void) -> Facts {
        var state = Facts()
        state.desired.podman.containers = [wanted]
        state.inventory.containers["web"] = OwnedObject(id: "1", removalBegan: 1000)
        var podman = ObservedPodman()
        podman.images["x"] = "1"
        var container = ObservedContainer(
            id: "1", name: "web", image: "x", state: .running, startedAt: 1, liveAddresses: [address])
        body(&container, &podman)
        podman.containers[container.name] = container
        state.podman = .observed(podman)
        state.outstanding = [.network: .init(), .podman: .init()]
        return state
    }

    private func condition(_ type: Condition.ConditionType, _ state: Facts) throws -> AssessedCondition {
        let all = Assessment(state: state, localNode: "host-a").conditions()
        return try #require(all["container/web"]?.first { $0.type == type })
    }

    @Test func onlyOneThatHasItsAddressesAndRunsIsReady() throws {
        #expect(try condition(.ready, state { _, _ in }).status == .true)
        let cut = try condition(.ready, state { container, _ in container.liveAddresses = [] })
        #expect(cut.status == .false && cut.message.contains("runs without 10.0.0.10"))
        let paused = try condition(.ready, state { container, _ in container.state = .paused })
        #expect(paused.status == .false && paused.reason == Reason.paused)
        #expect(paused.message.contains("podman unpause web"))
        let foreign = try condition(.ready, state { container, _ in container.id = "2" })
        #expect(foreign.status == .false)
        let going = state { _, podman in podman.removals["1"] = ContainerRemoval(name: "web", timeout: 30) }
        #expect(try condition(.ready, going).reason == Reason.terminating)
    }

    @Test func oneThatNeverStartedSaysWhyInPodmansWords() throws {
        var state = state { container, _ in
            container.state = .created
            container.startedAt = 0
        }
        state.startErrors["web"] = "container/web: Podman refuses (HTTP 500): workdir \"/srv\" does not exist"
        let start = PodmanChange.startContainer(wanted, id: "1")
        let owners = Owners(state.desired, localNode: "host-a")
        state.outstanding[.podman]?.waiting = [
            Outstanding.Waiting(
                WaitingChange(start, reason: "back-off: it could not be started 2 times"), owners)
        ]
        let ready = try condition(.ready, state)
        #expect(ready.reason == Reason.failed && ready.message.contains("workdir \"/srv\" does not exist"))
        let programmed = try condition(.programmed, state)
        #expect(programmed.reason == Reason.failed && programmed.message.contains("workdir"))
    }

    @Test func oneThatGoesIsShownUntilItIsGone() throws {
        var state = state { container, podman in
            container.restartCount = 2
            podman.removals["1"] = ContainerRemoval(name: "web", timeout: 30)
        }
        state.inventory.containers["web"]?.starts = 4
        state.desired.podman.containers = []
        let report = ReportBuilder(state: state, localNode: "host-a", conditions: [:], ownPublicKey: nil)
            .report(
                daemon: DaemonStatus(version: "1", pid: 1, startedAt: .now, manifests: "/m", socket: "/s"),
                counters: Counters())
        let web = try #require(report.containers.first)
        #expect(web.state == "terminating" && web.terminationSeconds == 30)
        #expect(web.restarts == 5, "wgd's starts but the first, and Podman's own")
        #expect(web.conditions.first?.reason == Reason.terminating)
    }

    @Test func aMissingAddressIsAProblemOfCheck() {
        let list = PathLister(state: state { container, _ in container.liveAddresses = [] }, localNode: "host-a")
            .list(namespaces: [:])
        #expect(list.problems.contains("container/web runs without 10.0.0.10"))
    }

    /// Case 20: a network that is made again takes its containers along, and both come back.
    @Test(arguments: [true, false]) func aReplacementIsToldAsOne(hasImage: Bool) throws {
        var before = DesiredNetwork(
            name: "net", overlay: "net", bridge: "br0",
            subnets: [.init(subnet: try #require(CIDR("10.0.0.0/24")), gateway: IPAddress(v4: 0x0a00_0001))],
            mtu: 1420, isDNSEnabled: false)
        var podman = ObservedPodman()
        if hasImage { podman.images["x"] = "1" }
        podman.networks["net"] = ObservedNetwork(
            name: "net", id: "n", bridge: "br0", subnets: before.subnets, mtu: 1420, isDNSEnabled: false,
            labels: [OwnershipMark.specHashLabel: before.specHash])
        podman.containers["web"] = ObservedContainer(
            id: "1", name: "web", image: "x", state: .running,
            labels: [OwnershipMark.specHashLabel: wanted.specHash], addresses: [address])
        before.subnets[0].subnet = try #require(CIDR("10.0.0.0/23"))
        var desired = DesiredHost(node: "host-a")
        desired.podman.networks = [before]
        desired.podman.containers = [wanted]
        var inventory = Inventory()
        inventory.networks["net"] = OwnedObject(id: "n")
        inventory.containers["web"] = OwnedObject(id: "1")
        let set = Differ.podmanChanges(
            from: podman, to: desired.podman, inventory: inventory,
            context: PodmanContext(node: "host-a", kernel: ObservedKernel()))
        var report = DiffReport(node: "host-a")
        report.add(changes: set, owners: Owners(desired, localNode: "host-a"))
        report.add(waiting: set, owners: Owners(desired, localNode: "host-a"))
        report.markReplacements(of: set)
        guard hasImage else {
            // Nothing is removed before the image is there.
            #expect(report.held.map(\.object) == ["network net"] && report.held.map(\.operation) == [.replace])
            return #expect(report.changes.map(\.operation) == [.run])
        }
        #expect(report.changes.map(\.operation) == [.replace, .replace] && report.held.isEmpty)
        #expect(Set(report.changes.map(\.object)) == ["container web", "network net"])
        #expect(
            report.changes.map(\.fields) == [nil, [FieldChange("subnets", "10.0.0.0/24", "10.0.0.0/23")]])
        #expect(report.changes.map(\.because) == ["network net", nil])
        #expect(
            report.counted == DiffReport.Summary(add: 2, change: 0, remove: 2, replace: 2, follow: 1))
    }
}
