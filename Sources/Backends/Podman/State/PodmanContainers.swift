import Convergence
public import HostState
public import NetAddress

extension PodmanDifference {
    mutating func compare(_ container: DesiredContainer) {
        let named = observed.containers[container.name]
        if let named, named.id != own[container.name]?.id { return compare(container, withHolderOfItsName: named) }
        guard let before = own[container.name] else {
            if hasImage(container) { arrive(.createContainer(container), container) }
            return
        }
        if observed.removals[before.id] != nil {
            return postpone(.createContainer(container), "waiting until the container that is being removed is gone")
        }
        guard before.state != .removing else { return }
        if before.labels[OwnershipMark.specHashLabel] != container.specHash {
            noteReplacement(of: container, before)
            guard !isBeingRestored(before, .createContainer(container)) else { return }
            let hasImage = hasImage(container)
            if hasImage, arrive(.createContainer(container), container) {
                removed.insert(container.name)
                replacements[container.name] = removal(of: before)
                return
            }
            // Podman restarts nothing: what cannot be replaced for a long time is started as it is when it has ended. What
            // waits for an address or a route waits for moments, and may be in the way of others meanwhile.
            let waitsLong = !hasImage || container.networks.contains { standingNetworks.contains($0.network) }
            if waitsLong, before.needsStart(container.restartPolicy) {
                arrive(.startContainer(container, id: before.id), container)
            }
        } else if before.name != container.name {
            restore(container, before, .renamed(before.name))
        } else if context.looping.contains(container.name), before.isRestartedByPodman == true {
            let halt = PodmanChange.haltContainer(container, id: before.id)
            // What could not be started again is left to Podman.
            if !isBeingRestored(before, halt), reasonToWait(container, isStart: true) == nil { halts.append(halt) }
        } else if before.needsStart(container.restartPolicy) {
            let start = PodmanChange.startContainer(container, id: before.id)
            if !isBeingRestored(before, start) { arrive(start, container) }
        } else {
            let missing = before.missingAddresses(of: container)
            if !missing.isEmpty { restore(container, before, .withoutAddresses(missing)) }
        }
    }

    /// Records why an existing container is made again, and which of its own fields differ.
    mutating func noteReplacement(
        of container: DesiredContainer, _ before: ObservedContainer, because network: String? = nil
    ) {
        let hash = before.labels[OwnershipMark.specHashLabel]
        let spec = specs[container.name].flatMap { $0.hash == hash && hash != container.specHash ? $0 : nil }
        result.replacements[.container(container.name)] = Replacement(
            fields: spec?.differences(to: container) ?? [], because: network.map { .network($0) })
    }

    /// Postpones a change of a container whose network or name is being restored: it may be stopped for that.
    mutating func isBeingRestored(_ container: ObservedContainer, _ change: PodmanChange) -> Bool {
        guard observed.restoring.contains(container.id) else { return false }
        postpone(change, "waiting until it has its network or name back")
        return true
    }

    /// Another container has the name: somebody renamed ours and created one of that name, or ours is gone.
    private mutating func compare(_ container: DesiredContainer, withHolderOfItsName named: ObservedContainer) {
        if isOurs(named) {
            let reason = "waiting until container \(name(of: named)) has its own name again"
            return postpone(.createContainer(container), reason)
        }
        result.conflicts.append(
            Conflict(
                object: "container/\(container.name)", owner: container.name, ownerKind: .container,
                message: "a Podman container \(container.name) exists and is not ours (wgd did not make it, whatever "
                    + "its labels say): remove or rename it, or rename the one in the manifest"))
    }

    private mutating func restore(
        _ container: DesiredContainer, _ before: ObservedContainer, _ fault: ContainerFault
    ) {
        var bounded = container
        bounded.stopTimeout = min(container.stopTimeout, context.stopTimeoutLimit ?? .max)
        let change = PodmanChange.restoreContainer(bounded, id: before.id, faults: [fault])
        if observed.restoring.contains(before.id) {
            postpone(change, "it \(fault.text); waiting until it has ended, to start it again")
        } else if let network = container.networks.first(where: { closedNetworks[$0.network] != nil }) {
            postpone(change, closedNetworks[network.network] ?? "")
        } else if let network = container.networks.first(where: { observed.networks[$0.network] == nil }) {
            postpone(change, "waiting for the Podman network \(network.network)")
        } else {
            arrivals.append(change)
        }
    }

    /// Why a container whose network is removed is recreated.
    func reasonToBeMadeAgain(_ container: DesiredContainer) -> String {
        let network = container.networks.first { closedNetworks[$0.network] != nil }?.network
        return "waiting until its network \(network ?? "") is made again"
    }

    /// Adds a creation or start unless it has to wait.
    @discardableResult
    private mutating func arrive(_ change: PodmanChange, _ container: DesiredContainer) -> Bool {
        let isStart = if case .startContainer = change { true } else { false }
        if let reason = reasonToWait(container, isStart: isStart) {
            postpone(change, reason)
            return false
        }
        for address in container.networks.flatMap(\.addresses) { claims[address] = container.name }
        arrivals.append(change)
        return true
    }

    /// A container is created or started only when its network and bridge exist, and when nothing here points elsewhere
    /// for its addresses: a proxy entry would answer its duplicate address detection.
    ///
    /// - Parameter isStart: whether the container exists: a network that is to be made again, and cannot be yet, carries it
    ///   as before.
    private func reasonToWait(_ container: DesiredContainer, isStart: Bool) -> String? {
        for network in container.networks {
            let isUsable = isStart && standingNetworks.contains(network.network)
            if let reason = closedNetworks[network.network], !isUsable { return reason }
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
        for (name, container) in own.sorted(by: { $0.key < $1.key })
        where isOurs(container) && !wanted.contains(name) && removed.insert(name).inserted {
            guard container.state != .removing, observed.removals[container.id] == nil else { continue }
            let removal = removal(of: container)
            if !isBeingRestored(container, removal) { surplus.append(removal) }
        }
    }

    /// The removal of an existing container of ours.
    func removal(of container: ObservedContainer) -> PodmanChange {
        .removeContainer(name: name(of: container), id: container.id, timeout: timeout(container))
    }

    /// Postpones a container whose address another running one of ours has, unless this set removes that one: Podman
    /// refuses the address.
    ///
    /// A postponed container keeps its predecessor, whose address a third one may have been about to get.
    mutating func holdTakenAddresses() {
        guard !arrivals.isEmpty else { return }
        let live = own.filter { $0.value.isLive && isOurs($0.value) }.sorted { $0.key < $1.key }
        var holders: [IPAddress: [String]] = [:]
        for (name, container) in live {
            for address in container.addresses { holders[address, default: []].append(name) }
        }
        while let index = arrivals.firstIndex(where: { holder(of: $0, holders) != nil }),
            let (address, holder) = holder(of: arrivals[index], holders)
        {
            let change = arrivals.remove(at: index)
            let name = change.containerName
            if replacements.removeValue(forKey: name) != nil { removed.remove(name) }
            claims = claims.filter { $0.value != name }
            postpone(change, "waiting until container \(holder) gives up \(address)")
        }
    }

    /// An address that a change needs and another container keeps, with that container's name.
    private func holder(
        of change: PodmanChange, _ holders: [IPAddress: [String]]
    ) -> (address: IPAddress, name: String)? {
        for address in change.attachments.flatMap(\.addresses) {
            let other = holders[address]?.first { $0 != change.containerName && !removed.contains($0) }
            if let other { return (address, other) }
        }
        return nil
    }

    /// Seconds: the grace period of its creation, whatever the manifests say now, limited by this host's policy;
    /// Podman's own default when unknown.
    private func timeout(_ container: ObservedContainer) -> Int {
        min(container.stopTimeout ?? 10, context.stopTimeoutLimit ?? .max)
    }

    /// Whether the image for a new container is present; orders a pull, or reports a policy of Never.
    mutating func hasImage(_ container: DesiredContainer) -> Bool {
        let isPresent = observed.images[container.image] != nil
        switch container.pullPolicy {
        case .ifNotPresent where isPresent, .never where isPresent: return true
        case .always where isPresent && context.freshImages.contains(container.image): return true
        case .never:
            let conflict = Conflict(
                object: "image/\(container.image)", owner: container.name, ownerKind: .container,
                message: "ErrImageNeverPull: image \(container.image) is not present and imagePullPolicy is Never: "
                    + "load it with `podman load`, or change the policy")
            if !result.conflicts.contains(conflict) { result.conflicts.append(conflict) }
            return false
        case .always, .ifNotPresent:
            let isOrdered = pulls.contains { change in
                if case .pullImage(let other) = change { return other.image == container.image }
                return false
            }
            let isUnderWay =
                observed.pulling.contains(container.image) || context.restingImages.contains(container.image)
            if !isOrdered && !isUnderWay { pulls.append(.pullImage(container)) }
            return false
        }
    }
}

extension ObservedContainer {
    /// Whether an unchanged container has to be started, also one stopped by hand; a paused one is not touched.
    func needsStart(_ policy: DesiredContainer.RestartPolicy) -> Bool {
        switch state {
        case .created, .configured, .initialized: true
        case .stopped, .exited: policy == .always || (policy == .onFailure && exitCode != 0)
        case .running, .paused, .stopping, .restarting, .removing, .unknown: false
        }
    }

    /// The desired addresses that it runs without, sorted; empty when unknown.
    public func missingAddresses(of wanted: DesiredContainer) -> [IPAddress] {
        guard let liveAddresses else { return [] }
        return wanted.networks.flatMap(\.addresses).filter { !liveAddresses.contains($0) }.sorted()
    }
}
