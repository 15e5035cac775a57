import Algorithms

/// Arrays that are sorted by a key, as every list of a plan is: an operation on a few elements does not read the rest.
extension Array where Element: Equatable {
    /// The elements with this key.
    package func equal<Key: Comparable>(_ key: Key, by path: KeyPath<Element, Key>) -> ArraySlice<Element> {
        self[partitioningIndex { $0[keyPath: path] >= key }...].prefix { $0[keyPath: path] == key }
    }

    /// Whether `new` can replace `old`: each element of `old` is present and the only one with its key, and each
    /// element of `new` gets a key that no remaining element has.
    package func canReplace<Key: Comparable & Hashable>(
        _ old: [Element], with new: [Element], by path: KeyPath<Element, Key>
    ) -> Bool {
        let gone = Set(old.map { $0[keyPath: path] })
        let come = Set(new.map { $0[keyPath: path] })
        return gone.count == old.count && come.count == new.count
            && old.allSatisfy { Array(equal($0[keyPath: path], by: path)) == [$0] }
            && come.subtracting(gone).allSatisfy { equal($0, by: path).isEmpty }
    }

    /// Replaces `old` by `new`, which `canReplace` must allow.
    package mutating func replace<Key: Comparable & Hashable>(
        _ old: [Element], with new: [Element], by path: KeyPath<Element, Key>
    ) {
        var new = Dictionary(new.map { ($0[keyPath: path], $0) }) { first, _ in first }
        for element in old {
            let key = element[keyPath: path]
            let position = partitioningIndex { $0[keyPath: path] >= key }
            // An element that keeps its key is replaced in place, so that no other has to move.
            if let successor = new.removeValue(forKey: key) {
                self[position] = successor
            } else {
                remove(at: position)
            }
        }
        for (key, element) in new { insert(element, at: partitioningIndex { $0[keyPath: path] >= key }) }
    }
}
