/// The owners of things, by the things' hashes. Two things with the same hash are taken for one: that can find an owner
/// too many, never one too few.
struct OwnerTable: Sendable {
    private var first: [Int: Int32] = [:]
    /// The owners beyond the first, of the few things that have several.
    private var others: [Int: [Int32]] = [:]

    mutating func add(_ hash: Int, of owner: Int32) {
        guard let known = first[hash] else { return first[hash] = owner }
        if known != owner, !(others[hash]?.contains(owner) ?? false) { others[hash, default: []].append(owner) }
    }

    mutating func remove(_ hash: Int, of owner: Int32) {
        var rest = owners(of: hash)
        rest.removeAll { $0 == owner }
        first[hash] = rest.first
        others[hash] = rest.count > 1 ? Array(rest.dropFirst()) : nil
    }

    func owners(of hash: Int) -> [Int32] { (first[hash].map { [$0] } ?? []) + (others[hash] ?? []) }

    /// The owners of things that have several.
    var sharers: Set<Int32> { others.keys.reduce(into: []) { $0.formUnion(owners(of: $1)) } }
}
