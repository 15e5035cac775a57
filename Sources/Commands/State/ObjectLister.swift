internal import ControlAPI
internal import Foundation
internal import JSON

/// `wgctl get`: prints what a query selects, a page at a time.
struct ObjectLister {
    let query: Query
    let rendering: Rendering
    let state: OpenState
    /// Where the text goes.
    var print: (String) -> Void = { Terminal.print(text: $0) }
    var now = Date()

    /// - Throws: `CommandFailure` for a name that nothing has.
    func run() async throws {
        let found = rendering.isDocument ? try await documents() : try await tables()
        if let missing = query.missing(found.names) { throw CommandFailure(missing) }
        if found.count == 0, rendering.format == nil || rendering.format == .wide {
            Terminal.note("No resources found")
        }
    }

    private struct Found {
        var count = 0
        /// Names and unique names, by kind; kept only where names were asked for.
        var names: [ListedKind: Set<String>] = [:]
    }

    private func tables() async throws -> Found {
        var found = Found()
        var printer = TablePrinter(rendering, prefixesNames: query.parts.count > 1)
        for part in query.parts {
            try await pages(of: part) { query in
                let page =
                    query.kind == .events
                    ? ObjectTable(.events, try await events(query), now: now) : try await state.table(query, now: now)
                found.count += page.rows.count
                if query.names != nil {
                    found.names[query.kind, default: []].formUnion(page.rows.flatMap { [$0.name, $0.uniqueName] })
                }
                print(printer.text(page))
                return page.next
            }
        }
        return found
    }

    private func documents() async throws -> Found {
        var found = Found()
        var printer = ListPrinter(rendering.format ?? .json)
        if !query.isSingle { print(printer.head) }
        for part in query.parts {
            try await pages(of: part) { query in
                let page =
                    query.kind == .events
                    ? (items: try await events(query).objects.map { try $0.json() }, next: nil)
                    : try await state.documents(query)
                found.count += page.items.count
                if query.names != nil {
                    // Not of the typed object: what a newer wgd adds to it does not concern the name.
                    let names = page.items.flatMap { item -> [String] in
                        let name = item["metadata"]?["name"]?.text ?? ""
                        let place = item["spec"]?[query.kind == .peers ? "overlay" : "node"]?.text ?? ""
                        return [name, "\(place)/\(name)"]
                    }
                    found.names[query.kind, default: []].formUnion(names)
                }
                guard self.query.isSingle else {
                    print(try printer.text(page.items))
                    return page.next
                }
                // A name that several have (a container of two hosts) is a list all the same.
                if page.items.count == 1 {
                    print(try Rendering.text(page.items[0], rendering.format))
                } else if !page.items.isEmpty {
                    print(printer.head + (try printer.text(page.items)) + printer.tail)
                }
                return page.next
            }
        }
        if !query.isSingle { print(printer.tail) }
        return found
    }

    private func pages(of part: ObjectQuery, _ body: (ObjectQuery) async throws -> ObjectKey?) async throws {
        var part = part
        repeat { part.after = try await body(part) } while part.after != nil
    }

    /// In the order in which they happened, the newest at the bottom.
    private func events(_ query: ObjectQuery) async throws -> ObjectPage {
        let events = try await state.events(for: nil).map(ListedObject.event)
        return ObjectPage(
            objects: events.filter { event in
                (query.names?.contains(event.name) ?? true) && query.selects(event)
            })
    }
}
