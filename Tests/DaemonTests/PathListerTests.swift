import ControlAPI
import Convergence
import Foundation
import HostState
import NetAddress
import Planner
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon

/// From where to where host-a has paths.
@Suite struct PathListerTests {

    /// host-a with two containers, host-b with one and an endpoint, host-c with neither.
    private func state() throws -> Facts {
        func key(_ byte: UInt8) throws -> PublicKey {
            try #require(PublicKey(bytes: [UInt8](repeating: byte, count: 32)))
        }
        func node(
            _ name: String, _ number: Int, endpoint: String?, containers: [String], unschedulable: Bool = false
        ) throws -> Node {
            let containers = try containers.enumerated().map { index, name in
                try container(name, "10.0.0.\(number * 10 + index)")
            }
            return Node(
                metadata: Metadata(name: name),
                spec: NodeSpec(
                    publicKey: try key(UInt8(number)), endpoint: endpoint.flatMap { Endpoint($0) },
                    overlays: [OverlayMembership(name: "net", addresses: [try ip("10.0.0.\(number)")])],
                    containers: containers, unschedulable: unschedulable))
        }
        var state = Facts()
        state.accepted.live = ResourceSet(
            nodes: [
                try node("host-a", 1, endpoint: nil, containers: ["web", "db"]),
                try node("host-b", 2, endpoint: "192.168.1.20", containers: ["far"]),
                try node("host-c", 3, endpoint: nil, containers: ["drained"], unschedulable: true),
            ],
            overlays: [
                Overlay(
                    metadata: Metadata(name: "net"), spec: OverlaySpec(subnets: [try CIDR(parsing: "10.0.0.0/24")]))
            ])
        state.desired = Planner.plan(state.accepted.live, facts: HostFacts(node: "host-a", ownPublicKey: try key(1)))
        var podman = ObservedPodman()
        state.inventory.containers["web"] = OwnedObject(id: "id-web")
        // A label is no proof.
        for (name, label, isRunning) in [("web", "host-a", true), ("db", "host-a", true)] {
            podman.containers[name] = ObservedContainer(
                id: "id-\(name)", name: name, image: "i", state: isRunning ? .running : .exited,
                labels: [OwnershipMark.nodeLabel: label])
        }
        state.podman = .observed(podman)
        return state
    }

    private func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private func container(_ name: String, _ address: String) throws -> Container {
        let json = """
            {"name": "\(name)", "networks": [{"overlay": "net", "addresses": ["\(address)"]}], "image": "i",
            "command": [], "args": [], "env": [], "ports": [], "volumes": [], "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 10, "ulimits": [], "labels": {}}
            """
        return try JSONDecoder().decode(Container.self, from: Data(json.utf8))
    }

    @Test func peersHaveTheirContainersAndSayWhenNobodyCanDial() throws {
        let list = PathLister(state: try state(), localNode: "host-a").list(namespaces: [:])
        #expect(list.overlays.map(\.name) == ["net"] && list.overlays[0].addresses.map(\.description) == ["10.0.0.1"])
        #expect(list.peers.map(\.node) == ["host-b", "host-c"])
        #expect(list.peers[0].endpoint == "192.168.1.20:51820" && list.peers[0].noPath == nil)
        #expect(list.peers[0].containers.map { "\($0.name) \($0.addresses)" } == ["far [10.0.0.20]"])
        #expect(list.peers[1].containers.isEmpty, "a drained node runs none")
        #expect(list.peers[1].noPath?.contains("neither host-a nor host-c has an endpoint") == true)
    }

    @Test func onlyOurOwnRunningContainersAreEntered() throws {
        let lister = PathLister(state: try state(), localNode: "host-a")
        #expect(lister.running == ["web": "id-web"], "db is of another node's manifest")
        let list = lister.list(namespaces: ["web": "/run/netns/x"])
        #expect(list.origins.map(\.container) == ["web"])
        #expect(list.origins[0].addresses.map(\.description) == ["10.0.0.10"] && list.origins[0].overlay == "net")
        #expect(list.unprobed == [.init(container: "db", overlays: ["net"], reason: "does not run")])
        #expect(list.remarks.isEmpty)
    }

    @Test func aContainerThatHasCompletedIsNotToRun() throws {
        var state = try state()
        var podman = ObservedPodman()
        podman.containers["web"] = ObservedContainer(
            id: "id-web", name: "web", image: "i", state: .exited, exitCode: 0)
        state.podman = .observed(podman)
        func list() -> PathList { PathLister(state: state, localNode: "host-a").list(namespaces: [:]) }
        #expect(list().unprobed?.map(\.container) == ["db", "web"])
        state.accepted.live.nodes[0].spec.containers[0].restartPolicy = "OnFailure"
        #expect(list().unprobed?.map(\.container) == ["db"])
        #expect(list().remarks == ["container/web has completed: nothing is probed from it"])
    }

    @Test func aNodeWithoutAKeyIsListedWithTheReason() throws {
        var state = try state()
        state.accepted.live.nodes[1].spec.publicKey = nil
        let key = state.accepted.live.nodes[0].spec.publicKey
        state.desired = Planner.plan(state.accepted.live, facts: HostFacts(node: "host-a", ownPublicKey: key))
        let list = PathLister(state: state, localNode: "host-a").list(namespaces: [:])
        #expect(list.peers.map(\.node) == ["host-b", "host-c"] && list.problems.isEmpty)
        #expect(list.peers[0].keyMissing?.contains("Node host-b has no publicKey yet") == true)
        #expect(list.peers[0].containers.map(\.name) == ["far"] && list.peers[1].keyMissing == nil)
        state.accepted.live.nodes[0].spec.publicKey = nil
        let own = PathLister(state: state, localNode: "host-a").list(namespaces: [:])
        #expect(own.problems.count == 1 && own.problems[0].hasPrefix("PublicKeyMissing: "), "\(own.problems)")
    }

    @Test func whatKeepsTheHostFromWorkingIsAProblem() throws {
        var state = try state()
        state.keyError = "the key is unreadable"
        state.podman = .unknown
        let list = PathLister(state: state, localNode: "host-a").list(namespaces: [:])
        #expect(list.problems == ["the key is unreadable"])
        #expect(list.unprobed?.map(\.container) == ["db", "web"])
        #expect(list.unprobed?.allSatisfy { $0.reason.contains("Podman does not answer") } == true)
        state.desired = DesiredHost()
        let stranger = PathLister(state: state, localNode: "host-x").list(namespaces: [:])
        #expect(stranger.problems.last?.contains("called host-x") == true && stranger.peers.isEmpty)
    }
}
