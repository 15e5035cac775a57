internal import NetAddress

/// Values by network, in the order of the networks, so that overlaps are found without looking at all of them.
struct SortedRanges<Value> {
    private var elements: [(network: CIDR, value: Value)]

    init(_ elements: [(network: CIDR, value: Value)] = []) {
        self.elements = elements.sorted { $0.network < $1.network }
    }

    mutating func insert(_ value: Value, at network: CIDR) {
        elements.insert((network, value), at: firstIndex(from: network))
    }

    /// Everything inside a network, itself too.
    func inside(_ network: CIDR) -> some Sequence<Value> {
        elements[firstIndex(from: network)...].lazy.prefix { network.contains($0.network) }.map(\.value)
    }

    /// Everything that a network is inside of, the widest first, without itself.
    func around(_ network: CIDR) -> some Sequence<Value> {
        (0..<network.prefixLength).lazy.compactMap { length in
            let wider = CIDR(containing: network.address, prefixLength: length)
            let index = firstIndex(from: wider)
            return index < elements.endIndex && elements[index].network == wider ? elements[index].value : nil
        }
    }

    /// The index of the first element that is not before a network.
    private func firstIndex(from network: CIDR) -> Int {
        var (low, high) = (elements.startIndex, elements.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].network < network { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
