internal import Manifest

/// Where mistakes were found, as a tree of the document's paths.
struct Mistakes {
    /// At this very path, not below.
    private(set) var isHere = false
    private var below: [FieldPath.Step: Mistakes] = [:]

    mutating func insert(_ path: FieldPath) { insert(path.steps[...]) }

    private mutating func insert(_ steps: ArraySlice<FieldPath.Step>) {
        guard let first = steps.first else {
            isHere = true
            return
        }
        below[first, default: Mistakes()].insert(steps.dropFirst())
    }

    /// The part of the tree at a path; nil without a mistake there or below.
    func part(at path: FieldPath) -> Mistakes? {
        var part = self
        for step in path.steps {
            guard let next = part.below[step] else { return nil }
            part = next
        }
        return part.isHere || !part.below.isEmpty ? part : nil
    }

    /// Whether a mistake lies on one of the paths that a rule reads, or below its end.
    func concern(_ reads: Set<[CELRead]>) -> Bool { isHere || reads.contains { concern($0[...]) } }

    private func concern(_ read: ArraySlice<CELRead>) -> Bool {
        if isHere { return true }
        switch read.first {
        case nil: return !below.isEmpty
        case .field(let name)?: return below[.key(name)]?.concern(read.dropFirst()) ?? false
        case .each?: return below.values.contains { $0.concern(read.dropFirst()) }
        }
    }
}
