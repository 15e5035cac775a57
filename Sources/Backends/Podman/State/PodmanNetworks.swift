import Convergence
import HostState
import NetAddress

extension PodmanDifference {
    mutating func compareNetworks() {
        for network in desired.networks.sorted(by: { $0.name < $1.name }) {
            guard let before = observed.networks[network.name] else {
                closedNetworks[network.name] = "waiting for the Podman network \(network.name)"
                tearDownRivals(of: network)
                create(network)
                continue
            }
            guard isOurs(before) else {
                closedNetworks[network.name] = "the Podman network \(network.name) is not ours"
                let why =
                    context.frozen.contains(before)
                    ? "is kept as it is on this host: give"
                    : "is not ours (wgd did not make it, whatever its labels say): remove it, or give"
                result.conflicts.append(
                    Conflict(
                        object: "network/\(network.name)", owner: network.overlay, ownerKind: .overlay,
                        message: "a Podman network \(network.name) exists and \(why) the overlay another network.name"))
                continue
            }
            if before.labels[OwnershipMark.specHashLabel] != network.specHash {
                closedNetworks[network.name] = "the Podman network \(network.name) has to be made again"
                let fields = before.differences(to: network)
                result.replacements[.network(network.name)] = Replacement(fields: fields)
                if tearDown(before, owner: network.overlay) {
                    let what = fields.isEmpty ? "its settings differ" : fields.map(\.text).joined(separator: ", ")
                    postpone(.createNetwork(network), "waiting until the old one is gone: \(what)")
                } else {
                    standingNetworks.insert(network.name)
                }
            }
        }
    }

    /// Tears down surplus networks of ours that prevent a new one: Podman gives a subnet and a bridge to one network
    /// only.
    private mutating func tearDownRivals(of network: DesiredNetwork) {
        for rival in surplusNetworks() where rival.isRival(of: network) { tearDown(rival, owner: network.overlay) }
    }

    private mutating func create(_ network: DesiredNetwork) {
        guard let kernel = context.kernel else {
            return postpone(.createNetwork(network), "waiting for the kernel's first observation")
        }
        let foreign = observed.networks.values.filter { !isOurs($0) && $0.isRival(of: network) }
        if let other = foreign.min(by: { $0.name < $1.name }) {
            closedNetworks[network.name] = "the Podman network \(other.name) stands in the way of \(network.name)"
            let (whose, remedy) = whose(isFrozen: context.frozen.contains(other), remedy: "remove it")
            result.conflicts.append(
                Conflict(
                    object: "network/\(network.name)", owner: network.overlay, ownerKind: .overlay,
                    message: "the Podman network \(other.name), \(whose), has the same bridge or a subnet that "
                        + "overlaps: \(remedy), or give the overlay another subnet"))
            return
        }
        // Podman refuses a subnet in which the host has an address.
        let standing = kernel.addresses.first { address in
            isOurLink(address.interface, kernel) && network.subnets.contains { $0.subnet.contains(address.address) }
        }
        if let standing {
            let reason = "waiting until \(standing.address) is off \(standing.interface)"
            return postpone(.createNetwork(network), reason)
        }
        if let rival = surplusNetworks().first(where: { $0.isRival(of: network) }) {
            return postpone(.createNetwork(network), "waiting until the Podman network \(rival.name) is gone")
        }
        networkCreations.append(.createNetwork(network))
    }

    private func isOurLink(_ name: String, _ kernel: ObservedKernel) -> Bool {
        kernel.links[name]?.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false
    }

    /// Podman cannot change a network: our containers on it are removed, then the network; the next rounds create both
    /// again. Only when the images for that are present, so that a dead registry takes no container down.
    @discardableResult
    private mutating func tearDown(_ network: ObservedNetwork, owner: String) -> Bool {
        let removal = PodmanChange.removeNetwork(name: network.name)
        guard !networkTeardowns.contains(removal) else { return true }
        let attached = observed.attached(to: network)
        if let foreign = attached.first(where: { !isOurs($0) }) {
            blocked(network, by: foreign, owner: owner)
            return false
        }
        let names = Set(attached.map(name(of:)))
        let standing = Dictionary(attached.map { (name(of: $0), $0) }) { first, _ in first }
        for container in desired.containers {
            if let before = standing[container.name] { noteReplacement(of: container, before, because: network.name) }
        }
        let missing = desired.containers.filter { names.contains($0.name) && !hasImage($0) }
        guard missing.isEmpty else {
            postpone(
                removal, "waiting for the images of its containers: \(missing.map(\.image).joined(separator: ", "))")
            return false
        }
        for container in attached where removed.insert(name(of: container)).inserted {
            guard container.state != .removing, observed.removals[container.id] == nil else { continue }
            let removal = self.removal(of: container)
            if !isBeingRestored(container, removal) { networkTeardowns.append(removal) }
        }
        if attached.isEmpty {
            networkTeardowns.append(removal)
        } else {
            postpone(removal, "waiting until its containers are gone: \(names.sorted().joined(separator: ", "))")
        }
        result.together.append(Set(names.map { .container($0) }).union([.network(network.name)]))
        return true
    }

    /// Comes last: containers of ours have left the networks by then.
    mutating func removeSurplusNetworks() {
        for network in surplusNetworks() {
            let removal = PodmanChange.removeNetwork(name: network.name)
            let isHeld = result.waiting.contains { $0.change == removal }
            guard !networkTeardowns.contains(removal), !isHeld else { continue }
            let staying = observed.attached(to: network)
            if let foreign = staying.first(where: { !isOurs($0) }) {
                blocked(network, by: foreign, owner: network.labels[OwnershipMark.overlayLabel] ?? "")
            } else if let container = staying.first {
                postpone(removal, "waiting until container \(name(of: container)) has left it")
            } else {
                networkRemovals.append(removal)
            }
        }
    }

    private mutating func blocked(_ network: ObservedNetwork, by container: ObservedContainer, owner: String) {
        let (whose, remedy) = whose(
            isFrozen: context.frozen.containers.contains(name(of: container)), remedy: "remove that container")
        let conflict = Conflict(
            object: "network/\(network.name)", owner: owner, ownerKind: .overlay,
            message: "the Podman network \(network.name) has to go, but container \(container.name), \(whose), "
                + "is attached to it: \(remedy)")
        if !result.conflicts.contains(conflict) { result.conflicts.append(conflict) }
    }

    private func whose(isFrozen: Bool, remedy: String) -> (String, remedy: String) {
        isFrozen
            ? ("which is kept as it is on this host", "resolve what its conditions say")
            : ("which is not ours", remedy)
    }

    private func surplusNetworks() -> [ObservedNetwork] {
        let wanted = Set(desired.networks.map(\.name))
        return observed.networks.values.filter { isOurs($0) && !wanted.contains($0.name) }.sorted { $0.name < $1.name }
    }
}

extension ObservedNetwork {
    /// The differences that Podman cannot change; empty when it does not report what differs.
    func differences(to wanted: DesiredNetwork) -> [FieldChange] {
        func text(_ subnets: [DesiredNetwork.Subnet], _ part: (DesiredNetwork.Subnet) -> String?) -> String? {
            let parts = subnets.compactMap(part)
            return parts.isEmpty ? nil : parts.joined(separator: ", ")
        }
        func difference(_ field: String, _ part: (DesiredNetwork.Subnet) -> String?) -> FieldChange? {
            FieldChange(field, from: text(subnets, part), to: text(wanted.subnets, part))
        }
        func onOff(_ isOn: Bool) -> String { isOn ? "on" : "off" }
        return [
            difference("subnets") { "\($0.subnet)" }, difference("gateway") { "\($0.gateway)" },
            difference("ipRange") { $0.leaseRange.map { "\($0.first)-\($0.last)" } },
            FieldChange("bridge", from: bridge, to: wanted.bridge),
            FieldChange("mtu", from: mtu.map { "\($0)" } ?? "unset", to: "\(wanted.mtu)"),
            FieldChange("dns", from: onOff(isDNSEnabled), to: onOff(wanted.isDNSEnabled)),
        ].compactMap { $0 }
    }
}
