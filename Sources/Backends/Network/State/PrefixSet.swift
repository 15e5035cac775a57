internal import Algorithms
internal import NetAddress

/// The union of prefixes, which answers overlaps in logarithmic time.
struct PrefixSet {
    /// Sorted; of nested prefixes only the outermost, so that no two overlap.
    private var prefixes: [CIDR] = []

    mutating func insert(_ prefix: CIDR) {
        let start = index(of: prefix)
        if start > 0, prefixes[start - 1].contains(prefix) { return }
        var end = start
        while end < prefixes.count, prefix.contains(prefixes[end]) { end += 1 }
        prefixes.replaceSubrange(start..<end, with: CollectionOfOne(prefix))
    }

    func overlaps(_ prefix: CIDR) -> Bool {
        let index = index(of: prefix)
        return index > 0 && prefixes[index - 1].contains(prefix)
            || index < prefixes.count && prefix.contains(prefixes[index])
    }

    /// The index of the first that does not come before `prefix`.
    private func index(of prefix: CIDR) -> Int { prefixes.partitioningIndex { $0 >= prefix } }
}
