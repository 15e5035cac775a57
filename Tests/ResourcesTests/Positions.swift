import Manifest

extension YAMLNode {
    /// Where an entry or an item at a path may be pointed at: at its key or at its value. A part that is not there is
    /// looked for at its parent.
    func positions(at path: String) -> Set<Position> {
        var node = self
        var positions: Set<Position> = [position]
        for step in YAMLNode.steps(of: path) {
            if let index = Int(step.dropFirst()), step.first == "#" {
                guard let items = node.items, items.indices.contains(index) else { return positions }
                node = items[index]
                positions = [node.position]
            } else {
                guard let entry = node.entries?.first(where: { $0.name == step }) else { return positions }
                node = entry.value
                positions = [entry.key.position, entry.value.position]
            }
        }
        return positions
    }

    /// `a.b[0]["c d"]` as `a`, `b`, `#0`, `c d`.
    private static func steps(of path: String) -> [String] {
        path.matches(of: /\["([^"]*)"\]|\[([0-9]+)\]|([^.\[\]]+)/).map { match in
            match.1.map { String($0) } ?? match.2.map { "#\($0)" } ?? String(match.3 ?? "")
        }
    }
}
