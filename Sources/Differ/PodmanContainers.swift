import HostState
import NetAddress

extension PodmanDifference {
    mutating func compare(_ container: DesiredContainer) {
        guard let before = observed.containers[container.name] else {
            if hasImage(container) { arrive(.createContainer(container), container) }
            return
        }
        guard isOurs(before) else {
            result.conflicts.append(
                Conflict(
                    object: "container/\(container.name)", owner: container.name,
                    message: "a Podman container \(container.name) exists and is not ours (no label "
                        + "\(OwnershipMark.nodeLabel)=\(context.node)): remove it, or rename the one in the manifest"))
            return
        }
        guard before.state != .removing else { return }
        if before.labels[OwnershipMark.specHashLabel] != container.specHash {
            guard hasImage(container), arrive(.createContainer(container), container) else { return }
            removed.insert(before.name)
            replacements[before.name] = .removeContainer(
                name: before.name, id: before.id, timeout: timeout(before))
        } else if before.needsStart(container.restartPolicy) {
            arrive(.startContainer(container, id: before.id), container)
        }
    }

    /// Puts a creation or start into the set unless it has to wait.
    @discardableResult
    private mutating func arrive(_ change: PodmanChange, _ container: DesiredContainer) -> Bool {
        if let reason = reasonToWait(container) {
            hold(change, reason)
            return false
        }
        for address in container.networks.flatMap(\.addresses) { claims[address] = container.name }
        arrivals.append(change)
        return true
    }

    /// A container arrives only when its network and bridge stand, and when nothing here points elsewhere for its
    /// addresses: a proxy entry would answer its duplicate address detection.
    private func reasonToWait(_ container: DesiredContainer) -> String? {
        for network in container.networks {
            if let reason = closedNetworks[network.network] { return reason }
            if observed.networks[network.network] == nil { return "waiting for the Podman network \(network.network)" }
            guard let kernel = context.kernel else { return "waiting for the kernel's first observation" }
            guard kernel.links[network.bridge]?.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false else {
                return "waiting for the bridge \(network.bridge)"
            }
            for address in network.addresses {
                if let what = remoteAddresses[address] { return "waiting until the \(what) for \(address) is gone" }
                if let holder = frozenHolders[address] {
                    return "waiting until container \(holder), which is kept as it is on this host, gives up \(address)"
                }
            }
        }
        return nil
    }

    mutating func removeSurplusContainers() {
        let wanted = Set(desired.containers.map(\.name))
        for container in observed.containers.values.sorted(by: { $0.name < $1.name })
        where isOurs(container) && !wanted.contains(container.name) && removed.insert(container.name).inserted {
            guard container.state != .removing else { continue }
            surplus.append(
                .removeContainer(name: container.name, id: container.id, timeout: timeout(container)))
        }
    }

    /// A container that is to have an address waits while another one of ours runs with it and does not go in this set:
    /// Podman refuses it.
    ///
    /// One that waits keeps its predecessor, for whose address a third may have been coming.
    mutating func holdTakenAddresses() {
        guard !arrivals.isEmpty else { return }
        let live = observed.containers.values.filter { $0.isLive && isOurs($0) }.sorted { $0.name < $1.name }
        var holders: [IPAddress: [String]] = [:]
        for container in live {
            for address in container.addresses { holders[address, default: []].append(container.name) }
        }
        while let index = arrivals.firstIndex(where: { holder(of: $0, holders) != nil }),
            let (address, holder) = holder(of: arrivals[index], holders)
        {
            let change = arrivals.remove(at: index)
            let name = change.containerName
            if replacements.removeValue(forKey: name) != nil { removed.remove(name) }
            claims = claims.filter { $0.value != name }
            hold(change, "waiting until container \(holder) gives up \(address)")
        }
    }

    /// An address that a change needs and another container keeps, with that one's name.
    private func holder(
        of change: PodmanChange, _ holders: [IPAddress: [String]]
    ) -> (address: IPAddress, name: String)? {
        let networks =
            switch change {
            case .createContainer(let container), .startContainer(let container, _): container.networks
            default: [DesiredContainer.Attachment]()
            }
        for address in networks.flatMap(\.addresses) {
            let other = holders[address]?.first { $0 != change.containerName && !removed.contains($0) }
            if let other { return (address, other) }
        }
        return nil
    }

    /// Seconds: what it was created with, whatever the manifests say by now; Podman's own default where that is unknown.
    func timeout(_ container: ObservedContainer) -> Int { container.stopTimeout ?? 10 }

    /// Whether the image that a new container needs is here; orders a pull, or tells why it never will be.
    mutating func hasImage(_ container: DesiredContainer) -> Bool {
        let isPresent = observed.images[container.image] != nil
        switch container.pullPolicy {
        case .ifNotPresent where isPresent, .never where isPresent: return true
        case .always where isPresent && context.freshImages.contains(container.image): return true
        case .never:
            let conflict = Conflict(
                object: "image/\(container.image)", owner: container.name,
                message: "ErrImageNeverPull: image \(container.image) is not present and imagePullPolicy is Never: "
                    + "load it with `podman load`, or change the policy")
            if !result.conflicts.contains(conflict) { result.conflicts.append(conflict) }
            return false
        case .always, .ifNotPresent:
            let isOrdered = pulls.contains { change in
                if case .pullImage(let other) = change { return other.image == container.image }
                return false
            }
            if !isOrdered && !observed.pulling.contains(container.image) { pulls.append(.pullImage(container)) }
            return false
        }
    }
}

extension ObservedContainer {
    /// Whether a container that is as wanted has to be started: one stopped by hand too; a paused one is left alone.
    func needsStart(_ policy: DesiredContainer.RestartPolicy) -> Bool {
        switch state {
        case .created, .configured, .initialized: true
        case .stopped, .exited: policy == .always || (policy == .onFailure && exitCode != 0)
        case .running, .paused, .stopping, .restarting, .removing, .unknown: false
        }
    }
}
