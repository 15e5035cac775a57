internal import Foundation
public import JSON
internal import Resources

/// Every object has `apiVersion`, `kind`, `metadata`, `spec` and `status`, as Kubernetes' objects do; an event has its
/// fields beside `metadata`, as Kubernetes' `Event` has.
extension ListedObject {
    /// Where the members of a report go: those that are named are `metadata` or `spec`, the others `status`.
    private struct Shape {
        var metadata: [String] = []
        var spec: [String] = []

        static let container = Shape(metadata: ["name", "labels"], spec: ["node", "image", "overlays", "addresses"])
        static let peer = Shape(
            spec: ["node", "overlay", "interface", "publicKey", "allowedIPs", "persistentKeepalive"])
        static let route = Shape(
            spec: ["destination", "interface", "overlay", "node", "source", "protocolNumber"])

        func split(_ report: JSONValue) -> [String: JSONValue] {
            guard case .object(var members) = report else { return [:] }
            func take(_ names: [String]) -> JSONValue {
                .object(
                    Dictionary(
                        uniqueKeysWithValues: names.compactMap { name in
                            members.removeValue(forKey: name).map { (name, $0) }
                        }))
            }
            let (metadata, spec) = (take(metadata), take(spec))
            return ["metadata": metadata, "spec": spec, "status": .object(members)]
        }

        func join(_ object: JSONValue) -> JSONValue {
            var members: [String: JSONValue] = [:]
            for (part, names) in [("metadata", metadata as [String]?), ("spec", nil), ("status", nil)] {
                guard case .object(let found)? = object[part] else { continue }
                members.merge(found.filter { names?.contains($0.key) ?? true }) { first, _ in first }
            }
            return .object(members)
        }
    }

    /// - Throws: `EncodingError`.
    public func json() throws -> JSONValue {
        var members: [String: JSONValue]
        switch self {
        case .resource(let resource): return try resource.json()
        case .container(let container): members = Shape.container.split(try JSONValue(encoding: container))
        case .peer(let peer, let labels):
            members = Shape.peer.split(try JSONValue(encoding: peer))
            members["metadata"] = Self.metadata(name, labels)
        case .route(let route, let labels):
            members = Shape.route.split(try JSONValue(encoding: route))
            members["metadata"] = Self.metadata(name, labels)
        case .event(let event):
            guard case .object(let fields) = try JSONValue(encoding: event) else { return .null }
            members = fields
            members["metadata"] = ["name": .string(name), "creationTimestamp": fields["firstTimestamp"] ?? .null]
        }
        members["apiVersion"] = .string(Kind.apiVersion)
        members["kind"] = .string(kind.title)
        return .object(members)
    }

    private static func metadata(_ name: String, _ labels: [String: String]) -> JSONValue {
        .object(
            [
                "name": .string(name),
                "labels": labels.isEmpty ? nil : .object(labels.mapValues(JSONValue.string)),
            ].compactMapValues(\.self))
    }

    /// Reads what `json()` made; members that this release does not know are left out.
    ///
    /// - Throws: `DecodingError`.
    public init(json: JSONValue) throws {
        func read<T: Decodable>(_ value: JSONValue) throws -> T {
            try JSONCoding.decoder.decode(T.self, from: Data(value.canonicalText.utf8))
        }
        var labels: [String: String] = [:]
        if case .object(let members)? = json["metadata"]?["labels"] { labels = members.compactMapValues(\.text) }
        switch json["kind"]?.text {
        case "Container": self = .container(try read(Shape.container.join(json)))
        case "Peer": self = .peer(try read(Shape.peer.join(json)), labels: labels)
        case "Route": self = .route(try read(Shape.route.join(json)), labels: labels)
        case "Event": self = .event(try read(json))
        default: self = .resource(try read(json))
        }
    }
}

extension ResourceReport {
    /// The spec goes as it is: to encode and decode it again would take longer than all the rest.
    fileprivate func json() throws -> JSONValue {
        var head = self
        head.spec = nil
        guard case .object(var members) = try JSONValue(encoding: head) else { return .null }
        members["spec"] = spec
        return .object(members)
    }
}
