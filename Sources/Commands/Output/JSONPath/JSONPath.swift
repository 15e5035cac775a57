internal import JSON

/// A path in kubectl's notation: `.items[*].metadata.name`, `['key']`, `[-1]`, `[0:2]`, `..name`, `[?(@.ready=="True")]`.
///
/// Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/
struct JSONPath: Hashable {
    enum Step: Hashable {
        case member(String)
        case everyMember
        case anywhere(String)
        case element(Int)
        case slice(Int?, Int?)
        case filter(Filter)
    }

    struct Filter: Hashable {
        enum Comparison: String, CaseIterable {
            case equal = "==", unequal = "!=", atMost = "<=", atLeast = ">=", less = "<", greater = ">"
        }

        var path: [Step]
        /// nil asks whether the path leads anywhere.
        var comparison: Comparison?
        var value: JSONValue = .null
    }

    var steps: [Step]

    /// Every value that the path leads to, in order.
    func values(in root: JSONValue) -> [JSONValue] { Self.values(steps[...], in: root) }

    private static func values(_ steps: ArraySlice<Step>, in value: JSONValue) -> [JSONValue] {
        guard let step = steps.first else { return [value] }
        return next(step, in: value).flatMap { values(steps.dropFirst(), in: $0) }
    }

    private static func next(_ step: Step, in value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let name): return value[name].map { [$0] } ?? []
        case .everyMember:
            if case .object(let members) = value { return members.keys.sorted().compactMap { members[$0] } }
            return value.items ?? []
        case .anywhere(let name):
            var found = value[name].map { [$0] } ?? []
            for child in next(.everyMember, in: value) { found += next(step, in: child) }
            return found
        case .element(let index):
            let items = value.items ?? []
            let position = index < 0 ? items.count + index : index
            return items.indices.contains(position) ? [items[position]] : []
        case .slice(let from, let to):
            let items = value.items ?? []
            func bound(_ index: Int) -> Int { min(max(index < 0 ? items.count + index : index, 0), items.count) }
            let (low, high) = (bound(from ?? 0), bound(to ?? items.count))
            return low < high ? Array(items[low..<high]) : []
        case .filter(let filter):
            return (value.items ?? []).filter { filter.matches($0) }
        }
    }
}

extension JSONPath.Filter {
    func matches(_ value: JSONValue) -> Bool {
        let found = JSONPath(steps: path).values(in: value)
        guard let comparison else { return !found.isEmpty }
        return found.contains { found in
            switch comparison {
            case .equal: found == self.value
            case .unequal: found != self.value
            case .less: found.precedes(self.value)
            case .greater: self.value.precedes(found)
            case .atMost: !self.value.precedes(found)
            case .atLeast: !found.precedes(self.value)
            }
        }
    }
}

extension JSONValue {
    /// Numbers by their value, texts by their letters, anything else by its JSON.
    func precedes(_ other: JSONValue) -> Bool {
        if let a = number, let b = other.number { return a < b }
        return (text ?? canonicalText) < (other.text ?? other.canonicalText)
    }

    private var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// As kubectl prints the value of a path: a text without quotes, anything else as JSON.
    var pathText: String { text ?? canonicalText }
}
