internal import Algorithms
internal import Manifest

/// The contenders of one snapshot, sorted by key.
struct Contenders: Sendable {
    private(set) var all: [Contender] = []
    private var indices: [ResourceKey: Int] = [:]

    /// - Parameter sorted: by key, each key once.
    init(sorted: [Contender]) {
        all = sorted
        indices = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.key, $0) })
    }

    /// Where it stands in `all`.
    func position(of key: ResourceKey) -> Int? { indices[key] }

    /// They come after the Nodes.
    var overlays: ArraySlice<Contender> { all[all.partitioningIndex { $0.key.kind >= .overlay }...] }

    subscript(key: ResourceKey) -> Contender? { indices[key].map { all[$0] } }

    /// Puts contenders in, in place of those with the same key.
    mutating func put(_ contenders: [Contender]) {
        guard !contenders.isEmpty else { return }
        let fresh = Dictionary(contenders.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        self = Contenders(
            sorted: (all.filter { fresh[$0.key] == nil } + fresh.values).sorted { $0.key < $1.key })
    }

    /// Puts a contender in place of the one at a position, which has the same key.
    mutating func put(_ contender: Contender, at position: Int) { all[position] = contender }

    /// Takes one step down.
    mutating func fallBack(_ key: ResourceKey, _ reason: String, _ errors: [ManifestError]) {
        if let index = indices[key] { all[index].fallBack(reason, errors) }
    }
}
