import Foundation
import JSON
import Manifest
import Schema

/// A row of `Documents/`: a spec that is right, or has one mistake.
struct DocumentRow {
    let kind: String
    let node: YAMLNode

    static let kinds = ["Node": "nodes.yaml", "Overlay": "overlays.yaml", "Gateway": "gateways.yaml"]

    static func all() throws -> [DocumentRow] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Documents")
        return try kinds.sorted { $0.key < $1.key }.flatMap { kind, name in
            let data = try Data(contentsOf: directory.appending(path: name))
            let documents = try ManifestFile(path: name, contents: .bytes(Array(data))).documents()
            return documents.flatMap { $0.root.items ?? [] }.map { DocumentRow(kind: kind, node: $0) }
        }
    }

    private func text(_ key: String) -> String? { node[key]?.scalar?.text }

    var isRefused: Bool { text("refused") != nil }
    /// Why the CRD alone lets the document pass.
    var beyond: String? { text("beyond") }
    /// The reason of the CEL rule that refuses the document.
    var rule: String? { text("rule") }
    /// Where the CRD alone finds the mistake.
    var place: String { "spec" + (text("at").map { $0.isEmpty ? "" : ".\($0)" } ?? "") }
    var name: String { "\(kind): \(text("refused") ?? text("accepted") ?? "?") at \(node.position)" }

    var file: ManifestFile {
        let spec = node["spec"].map(DocumentRow.flow) ?? ""
        let text = "apiVersion: wgctl.dev/v1alpha1\nkind: \(kind)\nmetadata: {name: z}\nspec: \(spec)\n"
        return ManifestFile(path: "z.yaml", contents: .bytes(Array(text.utf8)))
    }

    /// The same tree on one line.
    private static func flow(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar):
            return scalar.isPlain ? scalar.text : JSONValue.string(scalar.text).canonicalText
        case .sequence(let items): return "[\(items.map(flow).joined(separator: ", "))]"
        case .mapping(let entries):
            return "{\(entries.map { "\(flow($0.key)): \(flow($0.value))" }.joined(separator: ", "))}"
        }
    }
}
