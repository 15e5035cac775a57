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
                    return "waiting until container \(holder), which this host's policy holds, gives up \(address)"
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
