internal import Manifest

/// Where a setting stands in what is imported, and what it is called there.
struct Origin: Hashable, Sendable, Comparable {
    var file: String
    var position: Position
    /// `Address`, `wireguard_unmanaged_peers.laptop.public_key`.
    var path: FieldPath

    /// `FILE:LINE:COLUMN`
    var place: String { "\(escaped(file)):\(position)" }

    /// The same place under another name.
    func named(_ keys: String...) -> Origin {
        Origin(file: file, position: position, path: FieldPath(keys.map { .key($0) }))
    }

    static func < (a: Origin, b: Origin) -> Bool { (a.file, a.position) < (b.file, b.position) }
}

/// A value with its place.
struct Sourced<Value> {
    var value: Value
    var origin: Origin
}

extension Sourced: Sendable where Value: Sendable {}

/// What did not translate; each line once, however many hosts it concerns.
struct Report {
    private var seen: Set<ManifestError> = []

    var lines: [ManifestError] { seen.sorted() }

    mutating func add(_ origin: Origin, _ reason: String, _ remedy: String) {
        add(
            ManifestError(
                file: origin.file, position: origin.position, path: origin.path, reason: reason, remedy: remedy))
    }

    mutating func addPresharedKey(_ origin: Origin) {
        add(
            origin, "a pair's own key is not taken over",
            "set spec.wireguard.presharedKeys once every host runs wgd")
    }

    /// One group too many of an inventory.
    mutating func addExcess(_ origin: Origin) {
        add(
            origin, "the inventory has more than \(AnsibleInventory.groupLimit) groups",
            "split it; this group is left out")
    }

    mutating func add(_ error: ManifestError) { seen.insert(error) }

    mutating func add(_ other: Report) { seen.formUnion(other.seen) }
}
