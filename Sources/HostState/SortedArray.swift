import Algorithms

/// Arrays that are sorted by a key, as every list of a plan is: what is done to a few elements does not look at the rest.
extension Array where Element: Equatable {
    /// Those that have this key.
    package func equal<Key: Comparable>(_ key: Key, by path: KeyPath<Element, Key>) -> ArraySlice<Element> {
        self[partitioningIndex { $0[keyPath: path] >= key }...].prefix { $0[keyPath: path] == key }
    }

    /// Whether `new` can take the place of `old`: these are here and alone have their keys, and those get a key each that
    /// no element has which stays.
    package func canReplace<Key: Comparable & Hashable>(
        _ old: [Element], with new: [Element], by path: KeyPath<Element, Key>
    ) -> Bool {
        let gone = Set(old.map { $0[keyPath: path] })
        let come = Set(new.map { $0[keyPath: path] })
        return gone.count == old.count && come.count == new.count
            && old.allSatisfy { Array(equal($0[keyPath: path], by: path)) == [$0] }
            && come.subtracting(gone).allSatisfy { equal($0, by: path).isEmpty }
    }

    /// Puts `new` into the place of `old`, which `canReplace` allows.
    package mutating func replace<Key: Comparable & Hashable>(
        _ old: [Element], with new: [Element], by path: KeyPath<Element, Key>
    ) {
        var new = Dictionary(new.map { ($0[keyPath: path], $0) }) { first, _ in first }
        for element in old {
            let key = element[keyPath: path]
            let position = partitioningIndex { $0[keyPath: path] >= key }
            // Whoever keeps its key stays where it is, and nobody has to move.
            if let successor = new.removeValue(forKey: key) {
                self[position] = successor
            } else {
                remove(at: position)
            }
        }
        for (key, element) in new { insert(element, at: partitioningIndex { $0[keyPath: path] >= key }) }
    }
}
