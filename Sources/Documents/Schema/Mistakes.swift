internal import Manifest

/// Where mistakes were found, as a tree of the document's paths.
struct Mistakes {
    /// A mistake lies here, or somewhere below.
    private var isHere = false
    /// The value here does not have the shape that its schema wants, so that there is nothing in it to look at.
    private(set) var isShapeless = false
    private var below: [FieldPath.Step: Mistakes] = [:]

    mutating func insert(_ path: FieldPath, isShapeless: Bool) { insert(path.steps[...], isShapeless) }

    private mutating func insert(_ steps: ArraySlice<FieldPath.Step>, _ isShapeless: Bool) {
        if let first = steps.first {
            below[first, default: Mistakes()].insert(steps.dropFirst(), isShapeless)
        } else {
            isHere = true
            self.isShapeless = self.isShapeless || isShapeless
        }
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

    /// Whether a value without its shape lies here or below.
    var hasShapeless: Bool { isShapeless || below.values.contains(where: \.hasShapeless) }

    /// Whether a mistake lies in what a rule reads. One of an object as a whole does not matter to a rule on its fields.
    func concern(_ reads: Set<[CELRead]>) -> Bool { reads.contains { concern($0[...]) } }

    private func concern(_ read: ArraySlice<CELRead>) -> Bool {
        if isShapeless { return true }
        return switch read.first {
        case nil: isHere || !below.isEmpty
        case .field(let name)?: below[.key(name)]?.concern(read.dropFirst()) ?? false
        // A list that is too long is not gone through.
        case .each?: isHere || below.values.contains { $0.concern(read.dropFirst()) }
        }
    }
}
