/// Which of Podman's containers and networks are ours: those whose id is in the inventory, whatever labels say.
///
/// A label is no proof: images carry labels, and `podman commit` copies them. Labels decide only which id is added to
/// the inventory, once: after an upgrade from a release that recorded names, after a kill between the creation and its
/// record, and after the records were lost. Only `adopt` decides that.
extension Inventory {
    /// The name in the manifest of each container of ours, by Podman's id.
    public var containerNames: [String: String] { Inventory.names(containers) }

    /// The ids of the networks of ours.
    public var networkIDs: Set<String> { Set(networks.values.compactMap(\.id)) }

    /// Whether a container is ours.
    public func owns(_ container: ObservedContainer) -> Bool { containers.values.contains { $0.id == container.id } }

    /// Whether a network is ours.
    public func owns(_ network: ObservedNetwork) -> Bool { networks.values.contains { $0.id == network.id } }

    /// Whether a container or network of this id is ours.
    public func owns(id: String) -> Bool {
        containers.values.contains { $0.id == id } || networks.values.contains { $0.id == id }
    }

    /// Adds the ids of objects that are ours and were not known by id yet.
    ///
    /// - Parameter node: the name that this host's Node had when its containers were created.
    public mutating func adopt(_ podman: ObservedPodman, node: String) {
        adopt(
            \.containers,
            podman.containers.values.map { container in
                let isLabelled =
                    container.labels[OwnershipMark.nodeLabel] == node
                    && container.labels[OwnershipMark.nameLabel] == container.name
                return Candidate(
                    name: container.name, id: container.id, nonce: container.sealNonce, isLabelled: isLabelled)
            })
        adopt(
            \.networks,
            podman.networks.values.map { network in
                Candidate(
                    name: network.name, id: network.id, nonce: network.sealNonce,
                    isLabelled: network.labels[OwnershipMark.overlayLabel] != nil)
            })
        isAdopted = true
    }

    /// Records what existing containers were made with, where the hash in their label is that of the desired ones: an
    /// older release recorded nothing.
    public mutating func recordSpecs(_ desired: [DesiredContainer], of podman: ObservedPodman) {
        let hashes = podman.containers.values.reduce(into: [:]) { hashes, container in
            hashes[container.id] = container.labels[OwnershipMark.specHashLabel]
        }
        for container in desired {
            guard let owned = containers[container.name], let hash = owned.id.flatMap({ hashes[$0] }),
                owned.spec?.hash != hash, container.specHash == hash
            else { continue }
            containers[container.name]?.spec = RecordedSpec(container)
        }
    }

    private struct Candidate {
        var name: String
        var id: String
        /// The nonce of its seal, if the seal is this host's and fits this very object.
        var nonce: String?
        /// Whether it carries the labels of a release without seals.
        var isLabelled: Bool
    }

    private mutating func adopt(_ list: WritableKeyPath<Inventory, [String: OwnedObject]>, _ found: [Candidate]) {
        let present = Set(found.map(\.id))
        var owned = self[keyPath: list]
        for candidate in found where !owned.values.contains(where: { $0.id == candidate.id }) {
            // A recorded object that is gone proves nothing about this one.
            let known = owned[candidate.name].flatMap { object in
                object.id.map(present.contains) ?? true ? object : nil
            }
            if isOurs(candidate, known: known) {
                owned[candidate.name] = OwnedObject(id: candidate.id, nonce: candidate.nonce, spec: known?.spec)
            }
        }
        // A name alone counts only once. An entry written in advance with a nonce may still appear, because Podman may
        // answer later than we waited; and a store that is not mounted yet hides our objects.
        owned = owned.filter { $0.value.id != nil || $0.value.nonce != nil }
        self[keyPath: list] = owned
    }

    private func isOurs(_ candidate: Candidate, known: OwnedObject?) -> Bool {
        // The recorded id belongs to another object than this one.
        if known?.id != nil { return false }
        guard let nonce = candidate.nonce else { return known != nil && known?.nonce == nil && candidate.isLabelled }
        return known?.nonce == nonce || !isAdopted || Nonce.isUnrecorded(nonce)
    }

    private static func names(_ objects: [String: OwnedObject]) -> [String: String] {
        var names: [String: String] = [:]
        for (name, object) in objects { if let id = object.id { names[id] = name } }
        return names
    }
}

/// Makes every seal unique.
public enum Nonce {
    private static let unrecorded = "unrecorded-"

    /// 32 hexadecimal digits.
    ///
    /// - Parameter isRecorded: false when the inventory could not be written in advance: after a restart only the seal
    ///   proves that the object is ours.
    public static func random(isRecorded: Bool = true) -> String {
        (isRecorded ? "" : unrecorded) + hexadecimal((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }

    static func isUnrecorded(_ nonce: String) -> Bool { nonce.hasPrefix(unrecorded) }
}
