internal import HostState
internal import NetAddress
internal import Planner
internal import Podman
internal import Resources
internal import RouteNetlink
internal import WireGuard

/// What a host shows of its past, read once when no records of it exist.
struct HostEvidence: Sendable {
    var kernel: ObservedKernel
    /// nil when Podman did not answer.
    var podman: ObservedPodman?

    /// In the form that acceptance needs.
    ///
    /// - Parameters:
    ///   - node: the name of this host.
    ///   - ownKey: nil when it has no key yet.
    ///   - keys: public keys that override the manifests', by Node.
    func ofClaims(node: String, ownKey: PublicKey?, keys: [String: PublicKey]) -> Evidence {
        var evidence = Evidence(keys: keys, node: podman?.maker ?? node, ownKey: ownKey)
        for device in kernel.devices.values {
            for peer in device.peers.values { evidence.peers[peer.publicKey, default: []].formUnion(peer.allowedIPs) }
        }
        var overlays: [String: String] = [:]
        for link in kernel.links.values { overlays[link.name] = link.alias.flatMap(OwnershipMark.overlay(ofAlias:)) }
        for address in kernel.addresses {
            guard let overlay = overlays[address.interface] else { continue }
            evidence.ownAddresses.insert(address.address)
            let subnet = CIDR(containing: address.address, prefixLength: address.prefixLength)
            evidence.subnets[overlay, default: []].insert(subnet)
        }
        for network in podman?.networks.values.map({ $0 }) ?? [] {
            evidence.networks[network.name] = network.labels[OwnershipMark.overlayLabel]
        }
        for container in podman?.containers.values.map({ $0 }) ?? []
        where container.isLive && container.labels[OwnershipMark.nodeLabel] != nil {
            evidence.ownAddresses.formUnion(container.addresses)
        }
        return evidence
    }
}

/// Observes a host whose past is not recorded.
struct EvidenceSource: Sendable {
    /// The longest wait for Podman: the network must not depend on it (invariant I8).
    static let patience: Duration = .seconds(3)

    let routes: RouteNetlinkClient
    let wireguard: WireGuardClient
    let podman: PodmanClient

    /// nil when the kernel cannot be read.
    func look() async -> HostEvidence? {
        guard var kernel = try? await routes.observe(sysctls: []) else { return nil }
        let ours = kernel.links.values.filter { link in
            ["wireguard", "tun"].contains(link.kind) && OwnershipMark.overlay(ofAlias: link.alias ?? "") != nil
        }
        for (interface, device) in await wireguard.observeEach(ours.map(\.name).sorted()) {
            kernel.devices[interface] = try? device.get()
        }
        return HostEvidence(kernel: kernel, podman: await patiently())
    }

    /// Podman's answer; nil when it fails or takes too long.
    private func patiently() async -> ObservedPodman? {
        let (answers, continuation) = AsyncStream<ObservedPodman?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let asking = Task { [podman] in
            let answer = try? await podman.observe(images: [])
            continuation.yield(answer)
        }
        let waiting = Task {
            try? await Task.sleep(for: Self.patience)
            continuation.yield(nil)
        }
        defer {
            asking.cancel()
            waiting.cancel()
        }
        for await answer in answers { return answer }
        return nil
    }
}
