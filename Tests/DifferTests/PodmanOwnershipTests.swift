import Convergence
import HostState
import NetAddress
import PodmanState
import ReferenceLiterals
import Testing

/// Faults 53, 54 and 57, as Podman's comparison sees them.
@Suite struct PodmanOwnershipTests {
    private let address = IPAddress(v4: 0x0a00_000a)
    private let network = DesiredNetwork(
        name: "net", overlay: "net", bridge: "br0", subnets: [], mtu: 1420, isDNSEnabled: false)

    private func wanted(_ name: String, _ addresses: IPAddress...) -> DesiredContainer {
        var container = DesiredContainer(name: name, node: "host-a", image: "x")
        container.networks = [
            .init(
                network: "net", bridge: "br0", addresses: addresses.isEmpty ? [address] : addresses,
                macAddress: MACAddress(derivedFrom: name))
        ]
        return container
    }

    private func standing(_ container: DesiredContainer, id: String, name: String? = nil) -> ObservedContainer {
        let addresses = Set(container.networks.flatMap(\.addresses))
        return ObservedContainer(
            id: id, name: name ?? container.name, image: "x", state: .running,
            labels: [
                OwnershipMark.nodeLabel: "host-a", OwnershipMark.nameLabel: container.name,
                OwnershipMark.specHashLabel: container.specHash,
            ], addresses: addresses, liveAddresses: addresses, stopTimeout: 3600)
    }

    private func changes(
        _ observed: [ObservedContainer], to desired: [DesiredContainer], ours: [String: String],
        limit: Int? = nil, looping: Set<String> = [], _ body: (inout ObservedPodman) -> Void = { _ in }
    ) -> ChangeSet<PodmanChange> {
        var podman = ObservedPodman()
        podman.images = ["x": "1"]
        podman.networks["net"] = ObservedNetwork(
            name: "net", id: "n1", bridge: "br0", subnets: [], mtu: 1420, isDNSEnabled: false,
            labels: [OwnershipMark.overlayLabel: "net", OwnershipMark.specHashLabel: network.specHash])
        for container in observed { podman.containers[container.name] = container }
        body(&podman)
        var wanted = DesiredPodman()
        wanted.networks = [network]
        wanted.containers = desired
        var inventory = Inventory()
        inventory.networks["net"] = OwnedObject(id: "n1")
        for (name, id) in ours { inventory.containers[name] = OwnedObject(id: id) }
        var kernel = ObservedKernel()
        kernel.links["br0"] = ObservedLink(
            index: 1, name: "br0", kind: "bridge", mtu: 1420, alias: "wgctl:net", isUp: true)
        var context = PodmanContext(node: "host-a", kernel: kernel, stopTimeoutLimit: limit)
        context.looping = looping
        return Differ.podmanChanges(from: podman, to: wanted, inventory: inventory, context: context)
    }

    private func texts(_ set: ChangeSet<PodmanChange>) -> [String] { set.changes.map(\.text) }

    @Test func aContainerWithOurLabelsIsNeitherRemovedNorTakenOver() {
        let copy = standing(wanted("web"), id: "2")
        #expect(changes([copy], to: [], ours: [:]) == ChangeSet<PodmanChange>())
        // It stands in the place of ours.
        let set = changes([copy], to: [wanted("web")], ours: ["web": "1"])
        #expect(set.changes.isEmpty && set.conflicts.map(\.object) == ["container/web"])
    }

    @Test func everyStartButTheFirstIsARestart() {
        let container = wanted("web")
        var inventory = Inventory()
        func end(_ change: PodmanChange, _ error: String? = nil) {
            inventory.didApply([Outcome(change, error: error)])
        }
        let creation = PodmanChange.createContainer(container)
        _ = inventory.willApply(creation)
        inventory.didCreate(creation, id: "1")
        // Created, and not started; then at last it was.
        end(creation, "no such directory")
        end(.startContainer(container, id: "1"), "no such directory")
        end(.startContainer(container, id: "1"))
        #expect(inventory.containers["web"]?.restarts == 0)
        end(.startContainer(container, id: "1"))
        end(.startContainer(container, id: "2"))
        #expect(inventory.containers["web"]?.restarts == 1)
        end(creation)
        #expect(inventory.containers["web"]?.restarts == 0, "another container")
        // One of a release that did not count.
        inventory.containers["web"] = OwnedObject(id: "1")
        end(.startContainer(container, id: "1"))
        #expect(inventory.containers["web"]?.restarts == 1)
    }

    /// Containers of earlier releases keep Podman's own restart policy.
    @Test func onlyAContainerThatPodmanItselfRestartsContinuouslyIsStopped() {
        let container = wanted("web")
        var found = standing(container, id: "1")
        func set(_ looping: Set<String>) -> [PodmanChange] {
            changes([found], to: [container], ours: ["web": "1"], looping: looping).changes
        }
        #expect(set(["web"]).isEmpty)
        found.isRestartedByPodman = true
        #expect(set([]).isEmpty)
        #expect(set(["web"]) == [.haltContainer(container, id: "1")])
        // Between two runs as well: a start would be one more of Podman's.
        found.state = .exited
        #expect(set(["web"]) == [.haltContainer(container, id: "1")])
    }

    /// Podman restarts nothing itself: whatever a replacement waits for, what ended meanwhile is started.
    @Test func whatCannotBeReplacedYetIsStartedAgain() {
        let before = wanted("web")
        var found = standing(before, id: "1")
        var after = before
        after.image = "not-here"
        func texts() -> [String] { self.texts(changes([found], to: [after], ours: ["web": "1"])) }
        #expect(!texts().contains { $0.contains("start container") }, "it runs")
        (found.state, found.exitCode) = (.exited, 137)
        #expect(texts().contains("start container web"), "\(texts())")
        // Completed is completed, whatever is wanted next.
        after.restartPolicy = .never
        #expect(!texts().contains { $0.contains("start container") })
    }

    @Test func aNetworkThatCannotBeMadeAgainYetCarriesItsContainers() {
        let container = wanted("web")
        var found = standing(container, id: "1")
        (found.state, found.exitCode) = (.exited, 1)
        func set(foreign: Bool) -> ChangeSet<PodmanChange> {
            changes([found], to: [container], ours: ["web": "1"]) { podman in
                podman.networks["net"]?.labels[OwnershipMark.specHashLabel] = "of an older subnet"
                podman.networks["net"]?.subnets = [
                    .init(subnet: CIDR(containing: address, prefixLength: 24), gateway: IPAddress(v4: 0x0a00_0001))
                ]
                guard foreign else { return }
                var debug = ObservedContainer(id: "9", name: "debug", image: "x", state: .running, labels: [:])
                debug.addresses = [IPAddress(v4: 0x0a00_0063)]
                podman.containers["debug"] = debug
            }
        }
        #expect(texts(set(foreign: true)).contains("start container web"), "\(set(foreign: true))")
        #expect(!texts(set(foreign: false)).contains("start container web"), "it is replaced with its network")
    }

    @Test func aNetworkWithOurLabelIsNotRemoved() {
        let set = changes([], to: [], ours: [:]) { podman in
            podman.networks["theirs"] = ObservedNetwork(
                name: "theirs", id: "n2", bridge: "br9", subnets: [], mtu: nil, isDNSEnabled: false,
                labels: [OwnershipMark.overlayLabel: "net"])
        }
        #expect(set == ChangeSet<PodmanChange>())
    }

    @Test func aRenamedContainerGetsItsNameBack() {
        let web = wanted("web")
        let renamed = standing(web, id: "1", name: "other")
        let restore = "restore container web (it was renamed to other)"
        #expect(texts(changes([renamed], to: [web], ours: ["web": "1"])) == [restore])
        // It has the name of another one of ours, which is away.
        let db = wanted("db", IPAddress(v4: 0x0a00_000b))
        let set = changes([standing(web, id: "1", name: "db")], to: [web, db], ours: ["web": "1", "db": "2"])
        #expect(texts(set) == ["restore container web (it was renamed to db)"])
        #expect(set.waiting.map(\.reason) == ["waiting until container web has its own name again"])
        #expect(
            texts(changes([renamed], to: [], ours: ["web": "1"])) == ["delete container web (stop timeout 3600 s)"])
    }

    @Test func aContainerWithoutItsAddressIsRestored() {
        let web = wanted("web")
        var cut = standing(web, id: "1")
        cut.liveAddresses = []
        #expect(
            texts(changes([cut], to: [web], ours: ["web": "1"]))
                == ["restore container web (it runs without 10.0.0.10)"])
        let set = changes([cut], to: [web], ours: ["web": "1"]) { $0.restoring = ["1"] }
        #expect(set.changes.isEmpty && set.waiting.count == 1)
        // What is not known is not missing.
        cut.liveAddresses = nil
        #expect(changes([cut], to: [web], ours: ["web": "1"]) == ChangeSet<PodmanChange>())
    }

    /// A removal beside it would be dropped, and a start would run into the restore's own.
    @Test func whatIsBeingRestoredIsNeitherRemovedNorStarted() throws {
        let subnet = DesiredNetwork.Subnet(
            subnet: try #require(CIDR("10.0.0.0/24")), gateway: try #require(IPAddress("10.0.0.1")))
        let web = wanted("web")
        var edited = web
        edited.stopTimeout = 7
        var ended = standing(web, id: "1")
        ended.state = .exited
        ended.exitCode = 1
        for (found, desired) in [(standing(web, id: "1"), []), (standing(web, id: "1"), [edited]), (ended, [web])] {
            #expect(!changes([found], to: desired, ours: ["web": "1"]).changes.isEmpty)
            let set = changes([found], to: desired, ours: ["web": "1"]) { $0.restoring = ["1"] }
            #expect(set.changes.isEmpty && set.waiting.count == 1)
        }
        // A network that is made again.
        let set = changes([standing(web, id: "1")], to: [web], ours: ["web": "1"]) { podman in
            podman.restoring = ["1"]
            podman.networks["net"]?.subnets = [subnet]
            podman.networks["net"]?.labels[OwnershipMark.specHashLabel] = "old"
        }
        #expect(set.changes.isEmpty && set.waiting.contains { $0.reason.hasPrefix("waiting until it has its network") })
    }

    @Test func whatEndsHoldsUpOnlyWhatTakesItsPlace() {
        let old = wanted("old")
        let heir = wanted("heir")
        let other = wanted("other", IPAddress(v4: 0x0a00_000b))
        let going = standing(old, id: "1")
        // In the round that begins it, and while it lasts.
        for isUnderWay in [false, true] {
            let set = changes([going], to: [heir, other], ours: ["old": "1"], limit: 30) { podman in
                if isUnderWay { podman.removals["1"] = ContainerRemoval(name: "old", timeout: 30) }
            }
            #expect(
                texts(set).filter { $0.hasPrefix("delete") }
                    == (isUnderWay ? [] : ["delete container old (stop timeout 30 s)"]))
            #expect(texts(set).contains { $0.hasPrefix("create container other") })
            #expect(set.waiting.map(\.change.object) == [.container("heir")])
        }
        // Back in the manifests while it goes: it is made again after that.
        let back = changes([going], to: [old], ours: ["old": "1"]) { podman in
            podman.removals["1"] = ContainerRemoval(name: "old", timeout: 30)
        }
        #expect(back.changes.isEmpty && back.waiting.map(\.change.object) == [.container("old")])
    }
}
