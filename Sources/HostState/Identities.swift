/// The original names of the objects on this host, for owners that the manifests have renamed since.
///
/// Marks, MAC addresses, spec hashes, the default name of a Podman network and preshared keys derive from these names.
/// A renamed Overlay or Node therefore takes over what exists, and nothing is recreated.
public struct Identities: Hashable, Sendable, Codable {
    /// The name that this host's Node had when its containers and bridges were created; nil when it is unchanged.
    public var node: String?
    /// The original name of each renamed Overlay, by its present name.
    public var overlays: [String: String]

    public init(node: String? = nil, overlays: [String: String] = [:]) {
        self.node = node
        self.overlays = overlays
    }

    /// The original name of an Overlay, under which its objects on this host were created.
    public func original(ofOverlay name: String) -> String { overlays[name] ?? name }

    /// The original name of this host's Node.
    public func original(ofNode name: String) -> String { node ?? name }

    /// Follows an edit of the Overlays.
    ///
    /// - Parameters:
    ///   - former: the former name of each renamed Overlay, by its present name.
    ///   - live: the names of all present Overlays.
    public mutating func rename(_ former: [String: String], live: Set<String>) {
        // An Overlay whose place a renamed one took, and that still exists, is a different one now.
        let displaced = Set(former.values)
        var overlays = self.overlays.filter { live.contains($0.key) && !displaced.contains($0.key) }
        for (name, old) in former { overlays[name] = original(ofOverlay: old) }
        self.overlays = overlays.filter { $0.key != $0.value }
    }

    /// The renamed Overlay that keeps a name which another Overlay has now; nil when there is none.
    public func keeper(ofOverlay name: String) -> String? {
        overlays[name] == nil ? overlays.filter { $0.value == name }.keys.min() : nil
    }

    /// The present name of the Overlay with an original name.
    public func overlay(madeAs original: String) -> String {
        overlays.first { $0.value == original }?.key ?? original
    }
}
