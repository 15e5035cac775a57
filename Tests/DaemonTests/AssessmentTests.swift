import Convergence
import FirewallState
import Foundation
import HostState
import NetAddress
import NetworkState
import Planner
import PodmanState
import Reconciler
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon

/// Two hosts on one overlay as host-a sees them, everything in place.
func healthy() throws -> Facts {
    let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
    let own = try #require(PublicKey(bytes: [UInt8](repeating: 8, count: 32)))
    let subnet = try CIDR(parsing: "10.0.0.0/24")
    func node(_ name: String, _ endpoint: String, _ address: String, _ key: PublicKey) throws -> Node {
        Node(
            metadata: Metadata(name: name),
            spec: NodeSpec(
                publicKey: key, endpoint: Endpoint(endpoint),
                overlays: [OverlayMembership(name: "net", addresses: [try #require(IPAddress(address))])]))
    }
    var state = Facts()
    state.hasSnapshot = true
    state.accepted.live = ResourceSet(
        nodes: [
            try node("host-a", "192.168.1.10", "10.0.0.1", own), try node("host-b", "192.168.1.20", "10.0.0.2", key),
        ],
        overlays: [Overlay(metadata: Metadata(name: "net"), spec: OverlaySpec(subnets: [subnet]))])
    state.accepted.acceptances = [
        ResourceKey(.node, "host-a"), ResourceKey(.node, "host-b"), ResourceKey(.overlay, "net"),
    ].map {
        Acceptance(
            key: $0, location: SourceLocation(file: "a.yaml", line: 1, column: 1), status: .true,
            reason: Reason.accepted, message: "", generation: 1, json: "{}")
    }
    state.desired = Planner.plan(state.accepted.live, facts: HostFacts(node: "host-a", ownPublicKey: own))
    var kernel = ObservedKernel()
    for (index, link) in state.desired.kernel.links.enumerated() {
        kernel.links[link.name] = ObservedLink(
            index: Int32(index + 2), name: link.name, kind: "x", mtu: 1420, alias: link.alias, isUp: true)
    }
    kernel.devices["wg0"] = ObservedDevice(
        interface: "wg0", backend: .kernel, publicKey: own, listenPort: 51820,
        peers: [key: ObservedPeer(publicKey: key)])
    state.kernel = kernel
    state.podman = .observed(ObservedPodman())
    state.outstanding = [.network: .init(), .podman: .init()]
    state.probes[PeerKey(overlay: "net", node: "host-b")] = PeerProbe(at: .now, state: .answered(microseconds: 300))
    return state
}

extension ResolvedNames {
    /// From nothing.
    fileprivate static func found(_ addresses: String..., for name: String) -> ResolvedNames {
        var names = ResolvedNames()
        _ = names.take(addresses.compactMap { IPAddress($0) }, for: name)
        return names
    }
}

@Suite struct ResolvedNameTests {
    private let name = "vpn.example.org"

    /// Debian gives a host's own name the address 127.0.1.1.
    @Test(arguments: ["127.0.1.1", "0.0.0.0", "::1", "fe80::1", "255.255.255.255", "224.0.0.1"])
    func anAddressAtWhichNoOtherHostIsIsNotUsed(address: String) throws {
        var names = ResolvedNames.found(address, for: name)
        #expect(names.addresses[name] == nil && names.useless[name] == IPAddress(address))
        let good = try #require(IPAddress("198.51.100.7"))
        let useless = try #require(IPAddress(address))
        var isChanged = names.take([useless, good], for: name)
        #expect(isChanged)
        #expect(names.addresses[name] == [good] && names.useless[name] == nil)
        // The address that was good stays, as with a resolver that does not answer.
        isChanged = names.take([useless], for: name)
        #expect(isChanged)
        #expect(names.addresses[name] == [good] && names.useless[name] == useless)
        isChanged = names.take([useless], for: name)
        #expect(!isChanged)
    }

    @Test func theNodeSaysWhereItsNameLeads() throws {
        var state = try healthy()
        let device = try #require(state.desired.kernel.devices.indices.first)
        state.desired.kernel.devices[device].peers[0].endpoint = Endpoint("vpn.example.org:51820")
        state.probes = [:]
        state[ResolvedNames.self] = .found("127.0.1.1", for: name)
        let ready = try condition(.ready, of: .node("host-b"), in: state)
        #expect(ready.status == .false && ready.reason == Reason.unreachableEndpoint)
        #expect(
            ready.message.hasPrefix(
                "the name of its endpoint, vpn.example.org:51820, resolves here to an address at which no other host is: "
                    + "127.0.1.1 is each host itself (loopback)"), "\(ready)")
        state[ResolvedNames.self] = .found("198.51.100.7", for: name)
        #expect(try condition(.ready, of: .node("host-b"), in: state).reason == Reason.pending)
    }
}

private func condition(
    _ type: Condition.ConditionType, of object: ResourceReference, in state: Facts
) throws -> AssessedCondition {
    let conditions = Assessment(state: state, localNode: "host-a").conditions()
    return try #require(conditions[object]?.first { $0.type == type }, "\(conditions)")
}

@Suite struct AssessmentTests {
    @Test func everythingInPlaceIsReady() throws {
        let state = try healthy()
        for object: ResourceReference in ["node/host-a", "node/host-b", "overlay/net"] {
            #expect(try condition(.programmed, of: object, in: state).status == .true)
            #expect(try condition(.ready, of: object, in: state).status == .true)
        }
    }

    @Test func withoutAPacketFilterTunnelsAreReadyAndTheLackIsTold() throws {
        var state = try healthy()
        state.outstanding[.firewall] = Outstanding(
            error: "the program nft is missing: apt-get install nftables",
            failures: [Gap("node/host-a", reason: "nft: no")])
        let programmed = try condition(.programmed, of: "overlay/net", in: state)
        #expect(programmed.status == .true && programmed.message.contains("apt-get install nftables"))
        #expect(try condition(.programmed, of: "node/host-a", in: state).status == .true)
        #expect(try condition(.ready, of: "overlay/net", in: state).status == .true)
    }

    @Test func aPeerThatDoesNotAnswerIsNotReadyButProgrammed() throws {
        var state = try healthy()
        state.probes = [PeerKey(overlay: "net", node: "host-b"): PeerProbe(at: .now, state: .unanswered)]
        #expect(try condition(.ready, of: "node/host-b", in: state).reason == Reason.noReply)
        #expect(try condition(.programmed, of: "node/host-b", in: state).status == .true)
        #expect(try condition(.ready, of: "node/host-a", in: state).status == .true)
    }

    @Test func aPeerThatWasNotProbedYetIsUnknownNotBroken() throws {
        var state = try healthy()
        state.probes = [:]
        #expect(try condition(.ready, of: "node/host-b", in: state).status == .unknown)
    }

    /// An answer counts for three periods, which are longer with many peers; so does silence.
    @Test(arguments: [ProbeState.answered(microseconds: 300), .unanswered, .unknown])
    func aPeerWhoseProbesAreMissingIsUnknown(probe: ProbeState) throws {
        var state = try healthy()
        func ready(after seconds: Int) throws -> AssessedCondition {
            state.probes = [
                PeerKey(overlay: "net", node: "host-b"): PeerProbe(at: .now - .seconds(seconds), state: probe)
            ]
            return try condition(.ready, of: "node/host-b", in: state)
        }
        #expect(try ready(after: 80).reason != Reason.notProbed)
        let missing = try ready(after: 95)
        #expect(missing.status == .unknown && missing.reason == Reason.notProbed)
        #expect(missing.message.hasPrefix("no probe for more than 90.0 seconds"), "\(missing.message)")
        state[PeerProbes.self].period = .seconds(200)
        #expect(try ready(after: 590).reason != Reason.notProbed)
        #expect(try ready(after: 610).reason == Reason.notProbed)
    }

    @Test func twoNodesWithoutEndpointsHaveNoPath() throws {
        var state = try healthy()
        for index in state.accepted.live.nodes.indices { state.accepted.live.nodes[index].spec.endpoint = nil }
        #expect(try condition(.ready, of: "node/host-b", in: state).reason == Reason.noPath)
    }

    /// As `healthy`, but the manifests have no key of a node.
    private func keyless(_ name: String) throws -> Facts {
        var state = try healthy()
        let own = try #require(state.accepted.live.nodes.first?.spec.publicKey)
        for index in state.accepted.live.nodes.indices where state.accepted.live.nodes[index].metadata.name == name {
            state.accepted.live.nodes[index].spec.publicKey = nil
        }
        for index in state.accepted.acceptances.indices
        where state.accepted.acceptances[index].key == ResourceKey(.node, name) {
            state.accepted.acceptances[index].reason = Reason.publicKeyMissing
            state.accepted.acceptances[index].message = "no publicKey yet"
        }
        state.desired = Planner.plan(state.accepted.live, facts: HostFacts(node: "host-a", ownPublicKey: own))
        state.probes = [:]
        return state
    }

    @Test func aNodeWithoutAKeyIsNotReadyForThatReason() throws {
        let state = try keyless("host-b")
        let ready = try condition(.ready, of: "node/host-b", in: state)
        #expect(ready.status == .false && ready.reason == Reason.publicKeyMissing, "\(ready)")
        #expect(ready.message.contains("`wgctl key show`"))
        #expect(try condition(.accepted, of: "node/host-b", in: state).reason == Reason.publicKeyMissing)
        #expect(try condition(.ready, of: "node/host-a", in: state).status == .true)
    }

    /// Its peers are silent because they do not know it.
    @Test func thisHostsOwnKeyThatIsMissingIsSaidOfItself() throws {
        var state = try keyless("host-a")
        #expect(try condition(.ready, of: "node/host-a", in: state).reason == Reason.publicKeyMissing)
        state.probes[PeerKey(overlay: "net", node: "host-b")] = PeerProbe(
            at: .now, state: .answered(microseconds: 300))
        #expect(try condition(.ready, of: "node/host-a", in: state).status == .true, "host-b pins the key")
    }

    @Test func aKeyThatStandsInForTheManifestsIsNotMissing() throws {
        var state = try keyless("host-b")
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
        state[PolicyReport.self].keys["host-b"] = key
        let accepted = try condition(.accepted, of: "node/host-b", in: state)
        #expect(accepted.status == .true && accepted.reason == Reason.accepted, "\(accepted)")
        #expect(accepted.message.contains("--peer-keys"))
        #expect(try condition(.ready, of: "node/host-b", in: state).reason != Reason.publicKeyMissing)
    }

    @Test func aNodeOnNoOverlayOfThisHostIsNoPeer() throws {
        var state = try healthy()
        state.accepted.live.nodes[1].spec.overlays = []
        state.desired = Planner.plan(
            state.accepted.live,
            facts: HostFacts(node: "host-a", ownPublicKey: state.accepted.live.nodes[0].spec.publicKey))
        let ready = try condition(.ready, of: "node/host-b", in: state)
        #expect(ready.status == .unknown && ready.message == "it is no peer of this host: it shares no overlay with it")
    }

    @Test func aFailedChangeShowsWhereItBelongs() throws {
        var state = try healthy()
        state.outstanding[.network]?.failures = [Gap("node/host-b", reason: "no route for you")]
        let programmed = try condition(.programmed, of: "node/host-b", in: state)
        #expect(programmed.status == .false && programmed.message == "no route for you")
        #expect(try condition(.programmed, of: "overlay/net", in: state).status == .true)
    }

    @Test func aLaneThatCannotLookMakesThingsUnknown() throws {
        var state = try healthy()
        state.outstanding[.podman]?.error = "Podman does not answer"
        #expect(try condition(.programmed, of: "overlay/net", in: state).status == .unknown)
        #expect(try condition(.programmed, of: "node/host-b", in: state).status == .true)
    }

    @Test func anUnusableKeyIsSaidOnTheOwnNode() throws {
        var state = try healthy()
        state.keyError = "key file gone"
        #expect(try condition(.programmed, of: "node/host-a", in: state).message == "key file gone")
    }

    @Test func aForeignLinkIsAConflictOfItsOverlay() throws {
        var state = try healthy()
        state.outstanding[.network]?.conflicts = [
            Conflict(object: "link/wg0", owner: "net", ownerKind: .overlay, message: "wg0 is foreign")
        ]
        #expect(try condition(.programmed, of: "overlay/net", in: state).message == "wg0 is foreign")
    }

    @Test func containersFollowPodman() throws {
        var state = try healthy()
        let container = DesiredContainer(name: "pod-a", node: "host-a", image: "x")
        state.desired.podman.containers = [container]
        state.inventory.containers["pod-a"] = OwnedObject(id: "1")
        #expect(try condition(.ready, of: "container/pod-a", in: state).status == .false)
        #expect(try condition(.ready, of: "node/host-a", in: state).message == "containers not ready: pod-a")

        var podman = ObservedPodman()
        podman.containers["pod-a"] = ObservedContainer(id: "1", name: "pod-a", image: "x", state: .running)
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/pod-a", in: state).status == .true)

        podman.containers["pod-a"]?.health = "unhealthy"
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/pod-a", in: state).reason == "Unhealthy")

        podman.containers["pod-a"] = ObservedContainer(id: "1", name: "pod-a", image: "x", state: .exited, exitCode: 1)
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/pod-a", in: state).message == "exited, exit status 1")
    }

    @Test func aRunningContainerWithoutItsBridgeIsNotReady() throws {
        var state = try healthy()
        let macAddress = try #require(MACAddress("02:00:00:00:00:42"))
        var container = DesiredContainer(name: "pod-a", node: "host-a", image: "x")
        container.networks = [.init(network: "net", bridge: "br-wg0", addresses: [], macAddress: macAddress)]
        state.desired.podman.containers = [container]
        state.inventory.containers["pod-a"] = OwnedObject(id: "1")
        var podman = ObservedPodman()
        podman.containers["pod-a"] = ObservedContainer(id: "1", name: "pod-a", image: "x", state: .running)
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/pod-a", in: state).status == .true)
        state.kernel?.links["veth7"] = ObservedLink(
            index: 40, name: "veth7", kind: "veth", mtu: 1420, isUp: true, peerMACAddress: macAddress)
        let ready = try condition(.ready, of: "container/pod-a", in: state)
        #expect(ready.status == .false && ready.message == "its interface veth7 is off the bridge br-wg0")
        state.kernel?.links["br-wg0"] = nil
        #expect(try condition(.ready, of: "container/pod-a", in: state).message == "its bridge br-wg0 is missing")
        #expect(try condition(.ready, of: "node/host-a", in: state).status == .false)
    }
}

/// Why a container that is wanted is not there yet.
@Suite struct AbsentContainerTests {
    private func state(pulling: Bool, isPresent: Bool = false) throws -> Facts {
        var state = try healthy()
        state.desired.podman.containers = [DesiredContainer(name: "pod-a", node: "host-a", image: "x")]
        var podman = ObservedPodman()
        if pulling { podman.pulling = ["x"] }
        if isPresent { podman.images["x"] = "sha256:1" }
        state.podman = .observed(podman)
        return state
    }

    @Test func itIsNotProgrammedWhileItsImageIsPulled() throws {
        let programmed = try condition(.programmed, of: "container/pod-a", in: try state(pulling: true))
        #expect(programmed.status == .false)
        #expect(programmed.reason == "Pulling")
    }

    @Test func theFailureOfAPullStaysTheReasonWhileItIsPulledAgain() throws {
        for isPulling in [false, true] {
            var state = try state(pulling: isPulling)
            state.pullErrors["x"] = "manifest unknown"
            for type in [Condition.ConditionType.programmed, .ready] {
                let condition = try condition(type, of: "container/pod-a", in: state)
                #expect(condition.status == .false && condition.reason == Reason.errImagePull)
                #expect(condition.message == "manifest unknown")
            }
        }
    }

    @Test func anotherContainersPullOfAnImageThatIsHereDoesNotHideAFailure() throws {
        var state = try state(pulling: true, isPresent: true)
        state.outstanding[.podman]?.failures = [Gap("container/pod-a", reason: "no such secret")]
        let ready = try condition(.ready, of: "container/pod-a", in: state)
        #expect(ready.status == .false)
        #expect(ready.message == "no such secret")
    }
}

/// What this host's policy holds is told where it belongs, and what stands goes on.
@Suite struct PolicyAssessmentTests {
    private static let reason = "a.yaml:7:3: spec.containers[0]: no"

    private func held(_ objects: ResourceReference...) throws -> Facts {
        var state = try healthy()
        for object in objects + ["node/host-a"] { state.policyViolations[object] = PolicyAssessmentTests.reason }
        return state
    }

    @Test func aContainerThatWasNeverCreated() throws {
        let state = try held("container/web")
        let programmed = try condition(.programmed, of: "container/web", in: state)
        #expect(programmed.status == .false && programmed.reason == Reason.policyViolation)
        #expect(programmed.message == PolicyAssessmentTests.reason)
        #expect(try condition(.ready, of: "container/web", in: state).status == .false)
        // The document that asks is not rejected: another host may allow it.
        #expect(try condition(.accepted, of: "node/host-a", in: state).status == .true)
        #expect(try condition(.programmed, of: "node/host-a", in: state).reason == Reason.policyViolation)
        #expect(try condition(.ready, of: "node/host-a", in: state).status == .false)
        for object: ResourceReference in ["node/host-b", "overlay/net"] {
            #expect(try condition(.programmed, of: object, in: state).status == .true)
            #expect(try condition(.ready, of: object, in: state).status == .true)
        }
    }

    @Test func aContainerThatRunsAsBefore() throws {
        var state = try held("container/web")
        var podman = ObservedPodman()
        podman.containers["web"] = ObservedContainer(id: "1", name: "web", image: "x", state: .running)
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/web", in: state).status == .false, "it is not ours")
        state.inventory.containers["web"] = OwnedObject(id: "1")
        state.podman = .observed(podman)
        #expect(try condition(.programmed, of: "container/web", in: state).status == .false)
        #expect(try condition(.ready, of: "container/web", in: state).status == .true)
        podman.containers["web"]?.state = .exited
        state.podman = .observed(podman)
        #expect(try condition(.ready, of: "container/web", in: state).reason == Reason.notReady)
    }

    @Test func anOverlay() throws {
        var state = try held("overlay/net")
        state.desired = DesiredHost(node: "host-a", frozen: FrozenObjects(overlays: ["net"]))
        #expect(try condition(.programmed, of: "overlay/net", in: state).reason == Reason.policyViolation)
        #expect(try condition(.ready, of: "overlay/net", in: state).status == .true, "it stands")
        state.kernel = ObservedKernel()
        #expect(try condition(.ready, of: "overlay/net", in: state).reason == Reason.policyViolation)
    }

    @Test func anotherNodeStaysAPeer() throws {
        let state = try held("node/host-b")
        #expect(try condition(.programmed, of: "node/host-b", in: state).reason == Reason.policyViolation)
        #expect(try condition(.ready, of: "node/host-b", in: state).status == .true)
    }
}
