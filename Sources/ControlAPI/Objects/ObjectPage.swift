/// An object that a page may show, made only when it does.
public struct ObjectEntry {
    public let key: ObjectKey
    /// Its name and its unique name.
    public let names: [String]
    public let make: () -> ListedObject

    public init(key: ObjectKey, names: [String], make: @escaping () -> ListedObject) {
        self.key = key
        self.names = names
        self.make = make
    }

    public init(_ object: ListedObject) {
        self.init(key: object.key, names: [object.name, object.uniqueName]) { object }
    }
}

/// Objects of one kind, and where the next page begins.
public struct ObjectPage: Hashable, Sendable {
    public var objects: [ListedObject]
    /// nil on the last page.
    public var next: ObjectKey?

    public init(objects: [ListedObject], next: ObjectKey? = nil) {
        self.objects = objects
        self.next = next
    }
}

extension ObjectQuery {
    /// The page that the query asks for. A page begins after a key, not at a number: objects that come and go between two
    /// pages leave the others where they are.
    ///
    /// - Parameter entries: sorted by key.
    public func page(of entries: [ObjectEntry]) -> ObjectPage {
        var page = ObjectPage(objects: [])
        for index in start(in: entries)..<entries.count {
            let entry = entries[index]
            if let names, !entry.names.contains(where: names.contains) { continue }
            let object = entry.make()
            guard selects(object) else { continue }
            guard page.objects.count < limit else {
                page.next = page.objects.last?.key
                break
            }
            page.objects.append(object)
        }
        return page
    }

    /// The first entry after the page before: by halves.
    private func start(in entries: [ObjectEntry]) -> Int {
        guard let after else { return 0 }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key > after { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension StatusReport {
    /// The objects of one kind that the report contains, by key; events are none of its.
    public func entries(_ kind: ListedKind) -> [ObjectEntry] {
        func labels(of node: String) -> [String: String] { labelsByNode[node] ?? [:] }
        lazy var labelsByNode = Dictionary(nodes.map { ($0.metadata.name, $0.metadata.labels ?? [:]) }) { a, _ in a }
        let objects: [ListedObject] =
            switch kind {
            case .nodes: nodes.map(ListedObject.resource)
            case .overlays: overlays.map(ListedObject.resource)
            case .gateways: gateways.map(ListedObject.resource)
            case .containers: containers.map(ListedObject.container)
            case .peers: sorted().peers.map { .peer($0, labels: labels(of: $0.node)) }
            case .routes: routes.map { .route($0, labels: labels(of: $0.node)) }
            case .events: []
            }
        return objects.map(ObjectEntry.init).sorted { $0.key < $1.key }
    }
}
