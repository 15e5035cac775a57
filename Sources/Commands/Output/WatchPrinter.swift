internal import ControlAPI
internal import Foundation
internal import JSON

/// Prints what changed since the last time: every object at first, then each one that is new, different or gone.
struct WatchPrinter {
    private let rendering: Rendering
    /// By kind and id: the object without what moves in an unchanged world.
    private var printed: [ListedKind: [String: JSONValue]] = [:]
    private var last: [ListedKind: [String: Listing.Object]] = [:]
    private var widths: [ListedKind: [Int]] = [:]
    private var hasHeader: Set<ListedKind> = []

    init(_ rendering: Rendering) {
        self.rendering = rendering
        // Events come one by one, so their columns cannot be measured first.
        widths[.events] = [9, 7, 16, 24]
    }

    /// Prints every object, as those of a stream that holds only what is new.
    mutating func renderNew(_ listing: Listing) throws -> String { try render(listing, count: 1) }

    /// - Parameters:
    ///   - listings: What to print.
    ///   - steady: The same listings made of `StatusReport.recordable()`: what decides whether an object changed.
    mutating func render(_ listings: [Listing], steady: [Listing]) throws -> String {
        var text = ""
        for (listing, steady) in zip(listings, steady) {
            let identities = Dictionary(steady.objects.map { ($0.id, $0.json) }) { first, _ in first }
            let before = printed[listing.kind]
            var changed = listing
            changed.objects = listing.objects.filter { before?[$0.id] == nil || before?[$0.id] != identities[$0.id] }
            for id in (before ?? [:]).keys.sorted() where identities[id] == nil {
                if let gone = last[listing.kind]?[id] { changed.objects.append(listing.removed(gone)) }
            }
            printed[listing.kind] = identities
            last[listing.kind] = Dictionary(listing.objects.map { ($0.id, $0) }) { first, _ in first }
            text += try render(changed, count: listings.count)
        }
        return text
    }

    private mutating func render(_ listing: Listing, count: Int) throws -> String {
        guard !listing.objects.isEmpty else { return "" }
        switch rendering.format {
        case .json: return try listing.objects.map { try Rendering.text($0.json, .json) }.joined()
        case .yaml: return try listing.objects.map { "---\n" + (try Rendering.text($0.json, .yaml)) }.joined()
        case .name: return listing.objects.map { listing.reference($0).printable + "\n" }.joined()
        case .wide, nil:
            let table = rendering.table(listing, of: count)
            let known = widths[listing.kind] ?? []
            // The header once, above the first object of the kind.
            let lines = table.lines(
                header: rendering.showsHeaders && hasHeader.insert(listing.kind).inserted,
                isColoured: rendering.isColoured, atLeast: known)
            let current = table.widths
            widths[listing.kind] = current.enumerated().map { column, width in
                column < known.count ? max(known[column], width) : width
            }
            return lines.map { $0 + "\n" }.joined()
        }
    }
}

extension Listing {
    /// The object with its STATUS overwritten, to say that it is gone.
    fileprivate func removed(_ object: Object) -> Object {
        var copy = object
        if let column = columns.firstIndex(where: { $0.title == "STATUS" }) {
            copy.cells[column] = Cell("Removed", .warning)
        }
        if let column = columns.firstIndex(where: { $0.title == "READY" }) { copy.cells[column] = Cell("-") }
        return copy
    }
}
