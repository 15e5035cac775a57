internal import ArgumentParser
internal import ControlAPI
internal import Foundation

/// What a shell offers after `get` and `describe`: kinds first, then the names that the daemon or the records know.
enum ObjectCompletion {
    static let kind = CompletionKind.custom { words, index, prefix in
        // The words before the one being completed; options and their values do no harm, being no kinds.
        let before = words.prefix(max(0, index))
        guard let command = before.firstIndex(where: { ["get", "describe"].contains($0) }) else { return [] }
        let kind = before[(command + 1)...].compactMap(ListedKind.init(name:)).first
        if let kind { return await names(of: kind) }
        let parts = prefix.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let kind = ListedKind(name: parts[0]) {
            return await names(of: kind).map { "\(parts[0])/\($0)" }
        }
        return ListedKind.allCases.map(\.rawValue)
    }

    /// For an argument that names objects of one kind.
    static func names(_ kind: ListedKind) -> CompletionKind {
        .custom { _, _, _ in await names(of: kind) }
    }

    /// Sorted; empty when nothing is known. Only the environment says where the daemon is.
    private static func names(of kind: ListedKind) async -> [String] {
        guard let connection = try? ConnectionOptions.parse([]),
            let state = try? await connection.source.open()
        else { return [] }
        var names: Set<String> = []
        var query = ObjectQuery(kind)
        repeat {
            guard let page = try? await state.table(query, now: Date()) else { break }
            names.formUnion(page.rows.map(\.name.printable))
            query.after = page.next
        } while query.after != nil
        return names.sorted()
    }
}
