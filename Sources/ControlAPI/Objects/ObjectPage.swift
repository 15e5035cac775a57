/// The objects of one kind in the order of their keys, each made only when a page shows it: what thousands of objects are
/// called is known without them.
public struct ObjectEntries {
    public let count: Int
    let key: (Int) -> ObjectKey
    /// A name and a unique name.
    let names: (Int) -> [String]
    /// The node that the object belongs to.
    let node: ((Int) -> String)?
    let make: (Int) -> ListedObject

    /// - Parameters:
    ///   - key: rises with the position.
    ///   - node: nil where only the object says it.
    public init(
        count: Int, key: @escaping (Int) -> ObjectKey, names: @escaping (Int) -> [String],
        node: ((Int) -> String)? = nil, make: @escaping (Int) -> ListedObject
    ) {
        self.count = count
        self.key = key
        self.names = names
        self.node = node
        self.make = make
    }

    /// - Parameter objects: in any order.
    public init(_ objects: [ListedObject]) {
        let sorted = objects.map { ($0.key, $0) }.sorted { $0.0 < $1.0 }
        self.init(
            count: sorted.count, key: { sorted[$0].0 }, names: { [sorted[$0].1.name, sorted[$0].1.uniqueName] },
            make: { sorted[$0].1 })
    }

    public var all: [ListedObject] { (0..<count).map(make) }
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
    public func page(of entries: ObjectEntries) -> ObjectPage {
        var page = ObjectPage(objects: [])
        for index in start(in: entries)..<entries.count {
            if let names, !entries.names(index).contains(where: names.contains) { continue }
            if let wanted = fields?.node, let node = entries.node, node(index) != wanted { continue }
            let object = entries.make(index)
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
    private func start(in entries: ObjectEntries) -> Int {
        guard let after else { return 0 }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries.key(middle) > after { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension StatusReport {
    /// The objects of one kind that the report contains, by key; events are none of its.
    public func entries(_ kind: ListedKind) -> ObjectEntries {
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
        return ObjectEntries(objects)
    }
}
