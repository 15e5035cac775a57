public import Foundation
public import JSON
public import NetAddress
public import Resources

/// A Node, Overlay or Gateway as this host sees it, shaped like a Kubernetes object, so that `-o yaml` can be
/// pasted back into a manifest.
public struct ResourceReport: Hashable, Sendable, Codable {
    public struct Metadata: Hashable, Sendable, Codable {
        public var name: String
        public var labels: [String: String]?
        /// `wgctl.dev/source`: where it is written, `FILE:LINE:COLUMN`.
        public var annotations: [String: String]?
        /// Of the live spec; 0 when no version was ever good.
        public var generation: Int
        /// When this host first accepted it.
        public var creationTimestamp: Date?

        public init(
            name: String, labels: [String: String]? = nil, source: SourceLocation? = nil, generation: Int,
            creationTimestamp: Date? = nil
        ) {
            self.name = name
            self.labels = labels
            self.annotations = source.map { [ResourceReport.sourceAnnotation: $0.description] }
            self.generation = generation
            self.creationTimestamp = creationTimestamp
        }
    }

    public struct Status: Hashable, Sendable, Codable {
        /// The generation that is live on this host.
        public var observedGeneration: Int
        public var conditions: [Condition]
        /// Nodes only: whether it is this host.
        public var isLocal: Bool?
        /// Nodes only: the public key in effect, from the manifest, the lab's map or this host's own key file.
        public var publicKey: PublicKey?
        /// Overlays only: what carries the tunnel on this host, `Kernel` or `Userspace`; nil while there is none.
        public var backend: String?
        /// The name that what this host has of the resource was made with, where it has been renamed since: marks, MAC
        /// addresses, the Podman network and preshared keys derive from it. nil when that is its own name.
        public var madeAs: String?

        public init(
            observedGeneration: Int, conditions: [Condition], isLocal: Bool? = nil, publicKey: PublicKey? = nil
        ) {
            self.observedGeneration = observedGeneration
            self.conditions = conditions
            self.isLocal = isLocal
            self.publicKey = publicKey
        }
    }

    public static let sourceAnnotation = "wgctl.dev/source"

    public var apiVersion: String
    public var kind: Kind
    public var metadata: Metadata
    /// As authored, with defaults; nil when no version was ever good.
    public var spec: JSONValue?
    public var status: Status

    public init(kind: Kind, metadata: Metadata, spec: JSONValue?, status: Status) {
        apiVersion = Kind.apiVersion
        self.kind = kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// The report of what acceptance says, with the conditions as recorded.
    ///
    /// - Parameters:
    ///   - isWithSpec: whether labels and spec are in it, which are read from text for the purpose.
    ///   - creationTimestamp: from `Records.creationTimestamps()`.
    public init(
        _ acceptance: Acceptance, isWithSpec: Bool = true, conditions: [Condition], creationTimestamp: Date? = nil,
        isLocal: Bool? = nil, publicKey: PublicKey? = nil
    ) {
        self.init(
            kind: acceptance.key.kind,
            metadata: Metadata(
                name: acceptance.key.name, source: acceptance.location, generation: acceptance.generation,
                creationTimestamp: creationTimestamp),
            spec: nil,
            status: Status(
                observedGeneration: acceptance.generation, conditions: conditions, isLocal: isLocal,
                publicKey: publicKey))
        if isWithSpec, let json = acceptance.json { read(document: json) }
    }

    /// Takes labels and spec from a document's JSON.
    mutating func read(document json: String) {
        let document = JSONValue(parsing: json)
        spec = document?["spec"]
        if case .object(let members) = document?["metadata"]?["labels"] {
            metadata.labels = members.compactMapValues(\.text)
        }
    }

    public var key: ResourceKey { ResourceKey(kind, metadata.name) }
}
