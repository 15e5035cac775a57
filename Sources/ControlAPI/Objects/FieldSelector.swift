internal import JSON
internal import Manifest
internal import Resources

/// Kubernetes' field selector: `node=host-a`, `ready!=True`, joined by commas.
public struct FieldSelector: Hashable, Sendable {
    public struct ParseError: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    private struct Requirement: Hashable, Sendable {
        var field: Field
        var value: String
        var isNegative: Bool
    }

    /// What can be selected by.
    enum Field: String, CaseIterable, Sendable {
        case name, node, overlay, ready

        /// Also as kubectl users write it: `metadata.name`.
        init?(written text: String) {
            let last = text.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? text
            let prefixes = ["", "metadata.", "spec.", "status."]
            guard let field = Field(rawValue: last), prefixes.contains(String(text.dropLast(last.count))) else {
                return nil
            }
            self = field
        }

        static func of(_ kind: ListedKind) -> [Field] {
            switch kind {
            case .nodes: [.name, .node, .overlay, .ready]
            case .overlays, .gateways: [.name, .ready]
            case .containers, .peers: [.name, .node, .overlay, .ready]
            case .routes: [.name, .node, .overlay]
            case .events: [.name]
            }
        }
    }

    /// As it was written.
    public let text: String
    private var requirements: [Requirement] = []

    /// - Throws: `ParseError`, which names the fields of the kind.
    public init(_ text: String, kind: ListedKind) throws(ParseError) {
        self.text = text
        let known = Field.of(kind)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let mark = ["!=", "==", "="].first(where: { part.contains($0) }),
                let range = part.firstRange(of: mark)
            else {
                throw ParseError(description: "\(quoted(String(part))) is not a field selector: write FIELD=VALUE")
            }
            let name = String(part[..<range.lowerBound])
            guard let field = Field(written: name), known.contains(field) else {
                throw ParseError(
                    description: "\(kind.rawValue) cannot be selected by \(quoted(name)), only by "
                        + known.map(\.rawValue).joined(separator: ", "))
            }
            requirements.append(
                Requirement(field: field, value: String(part[range.upperBound...]), isNegative: mark == "!="))
        }
    }

    /// The node that every selected object belongs to; nil when nodes are not selected.
    var node: String? { requirements.first { $0.field == .node && !$0.isNegative }?.value }

    func matches(_ object: ListedObject) -> Bool {
        requirements.allSatisfy { object.values(of: $0.field).contains($0.value) != $0.isNegative }
    }
}

extension ListedObject {
    /// A container can be on several overlays.
    fileprivate func values(of field: FieldSelector.Field) -> [String] {
        switch (field, self) {
        case (.name, _): [name, uniqueName]
        case (.ready, .resource(let resource)): [Self.ready(resource.status.conditions)]
        case (.ready, .container(let container)): [Self.ready(container.conditions)]
        case (.ready, .peer(let peer, _)): [peer.ready.rawValue]
        case (.node, .resource(let resource)): [resource.metadata.name]
        case (.node, .container(let container)): [container.node]
        case (.node, .peer(let peer, _)): [peer.node]
        case (.node, .route(let route, _)): [route.node]
        case (.overlay, .resource(let resource)):
            resource.spec?["overlays"]?.items?.compactMap { $0["name"]?.text } ?? []
        case (.overlay, .container(let container)): container.overlays
        case (.overlay, .peer(let peer, _)): [peer.overlay]
        case (.overlay, .route(let route, _)): [route.overlay]
        case (_, .event), (.ready, .route): []
        }
    }

    private static func ready(_ conditions: [Condition]) -> String { conditions[.ready]?.status.rawValue ?? "Unknown" }
}
