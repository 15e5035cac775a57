internal import ControlAPI
internal import Foundation
internal import JSON

/// `wgctl get` where all objects are needed before the first is printed: sorted, as columns of one's own, or as a template
/// wants them.
struct ObjectArranger {
    let query: Query
    let rendering: Rendering
    let state: OpenState
    var format: ObjectFormat?
    var sortPath: JSONPath?
    var print: (String) -> Void = { Terminal.print(text: $0) }
    var now = Date()

    /// - Throws: `CommandFailure` for a name that nothing has.
    func run() async throws {
        var objects: [ListedObject] = []
        for part in query.parts { objects += try await all(part) }
        var documents = try objects.map { ($0, try $0.json()) }
        if let sortPath {
            let keyed = documents.map { (sortPath.values(in: $0.1).first, $0) }
            // As kubectl: what has no such field comes first, and equal ones keep their order.
            documents = keyed.enumerated().sorted { a, b in
                guard let left = a.element.0 else { return b.element.0 != nil || a.offset < b.offset }
                guard let right = b.element.0 else { return false }
                return left.precedes(right) || (!right.precedes(left) && a.offset < b.offset)
            }.map(\.element.1)
        }
        print(try text(documents))
        var found: [ListedKind: Set<String>] = [:]
        for object in objects { found[object.kind, default: []].formUnion([object.name, object.uniqueName]) }
        if let missing = query.missing(found) { throw CommandFailure(missing) }
        if objects.isEmpty, !rendering.isDocument { Terminal.note("No resources found") }
    }

    private func all(_ part: ObjectQuery) async throws -> [ListedObject] {
        guard part.kind == .events else { return try await state.objects(part) }
        return try await state.events(for: nil).map(ListedObject.event).filter { event in
            (part.names?.contains(event.name) ?? true) && part.selects(event)
        }
    }

    private func text(_ documents: [(object: ListedObject, json: JSONValue)]) throws -> String {
        let items = documents.map(\.json)
        switch format {
        case .jsonPath(let template):
            let list: JSONValue = .object(["apiVersion": "v1", "kind": "List", "items": .array(items)])
            return template.text(of: query.isSingle && items.count == 1 ? items[0] : list)
        case .columns(let columns):
            return columns.table(items).lines(header: rendering.showsHeaders).map { $0 + "\n" }.joined()
        case .output, nil: break
        }
        if rendering.isDocument {
            if query.isSingle, items.count == 1 { return try Rendering.text(items[0], rendering.format) }
            var printer = ListPrinter(rendering.format ?? .json)
            return try printer.head + printer.text(items) + printer.tail
        }
        var printer = TablePrinter(rendering, prefixesNames: query.parts.count > 1)
        return query.parts.map { part in
            let objects = documents.map(\.object).filter { $0.kind == part.kind }
            return printer.text(
                ObjectTable(part.kind, ObjectPage(objects: objects), showsLabels: query.showsLabels, now: now))
        }.joined()
    }
}
