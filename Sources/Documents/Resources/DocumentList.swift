internal import Manifest
internal import Schema

/// `kind: List` of API group `v1`, as kubectl and `wgctl get -o yaml` print several objects.
enum DocumentList {
    struct Item {
        let document: Document
        let isInList: Bool
    }

    /// The documents of a file with the items of its lists in their place, each a document of its own.
    static func items(of file: ManifestFile) throws(ManifestError) -> [Item] {
        let documents = try file.documents()
        guard documents.contains(where: { listed(in: $0) != nil }) else {
            return documents.map { Item(document: $0, isInList: false) }
        }
        var items: [Item] = []
        for document in documents {
            for (root, errors, isInList) in parts(of: document) {
                guard items.count < Document.fileLimit else {
                    throw ManifestError(
                        file: document.file, position: root.position, path: FieldPath(),
                        reason: "more than \(Document.fileLimit) documents, items of lists included",
                        remedy: "split the file")
                }
                let part = Document(file: document.file, index: items.count, root: root, errors: errors)
                items.append(Item(document: part, isInList: isInList))
            }
        }
        return items
    }

    /// nil for a document that is no list.
    private static func listed(in document: Document) -> [YAMLNode]? {
        guard document.root["kind"]?.scalar?.text == "List", document.root["apiVersion"]?.scalar?.text == "v1" else {
            return nil
        }
        return document.root["items"]?.items
    }

    /// A document, or the items of a list. Errors that lie in no item keep the list as it is, which is then refused.
    private static func parts(
        of document: Document
    ) -> [(root: YAMLNode, errors: [ManifestError], isInList: Bool)] {
        // Beyond the limit mistakes are not recorded: an item without one is not known to be without a mistake.
        guard document.errors.count < Document.errorLimit, let items = listed(in: document) else {
            return [(document.root, document.errors, false)]
        }
        var errors: [Int: [ManifestError]] = [:]
        for var error in document.errors {
            guard let (index, path) = position(in: error.path), items.indices.contains(index) else {
                return [(document.root, document.errors, false)]
            }
            error.path = path
            errors[index, default: []].append(error)
        }
        return items.enumerated().map { ($1, errors[$0] ?? [], true) }
    }

    /// `items[2].spec.endpoint` is `spec.endpoint` in item 2.
    private static func position(in path: String) -> (index: Int, path: String)? {
        guard path.hasPrefix("items["), let close = path.firstIndex(of: "]"),
            let index = Int(path[..<close].dropFirst("items[".count))
        else { return nil }
        let rest = path[path.index(after: close)...]
        return (index, String(rest.hasPrefix(".") ? rest.dropFirst() : rest))
    }

    /// Why an item is left out: it is one of the kinds that `wgctl get` shows and that are made from the resources. nil for
    /// every other document.
    static func note(on item: Item) -> ManifestError? {
        let (apiVersion, kind, _) = SchemaCatalog.identity(of: item.document)
        guard item.isInList, apiVersion == Kind.apiVersion, let kind, derivedKinds.contains(kind) else { return nil }
        return item.document.error(
            at: FieldPath(keys: "kind"),
            "every \(kind) of this list is left out: wgctl makes it from the Nodes and Overlays", remedy: "")
    }

    private static let derivedKinds: Set<String> = ["Container", "Event", "Peer", "Route"]
}
