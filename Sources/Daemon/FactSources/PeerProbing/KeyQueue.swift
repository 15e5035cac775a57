/// Peers in the order in which they came. Pure.
struct KeyQueue {
    private var keys: [PeerKey] = []
    private var first = 0

    var isEmpty: Bool { first == keys.count }

    mutating func append(_ key: PeerKey) { keys.append(key) }

    mutating func next() -> PeerKey? {
        guard first < keys.count else { return nil }
        defer {
            first += 1
            // What has been taken is given back in large pieces, so that each costs little.
            if first == keys.count || first > 1024 {
                keys.removeFirst(first)
                first = 0
            }
        }
        return keys[first]
    }
}
