/// The names that what is on this host was made with, where the manifests have renamed its owner since.
///
/// Marks, MAC addresses, spec hashes, the default name of a Podman network and preshared keys derive from these names.
/// A renamed Overlay or Node therefore takes over what exists, and nothing is made again.
public struct Identities: Hashable, Sendable, Codable {
    /// The name that this host's Node had when its containers and bridges were made; nil when it is still that.
    public var node: String?
    /// The first name of each renamed Overlay, by its present name.
    public var overlays: [String: String]

    public init(node: String? = nil, overlays: [String: String] = [:]) {
        self.node = node
        self.overlays = overlays
    }

    /// The name that an Overlay's objects on this host were made with.
    public func original(ofOverlay name: String) -> String { overlays[name] ?? name }

    /// The name that this host's Node was made with.
    public func original(ofNode name: String) -> String { node ?? name }

    /// Follows an edit of the Overlays.
    ///
    /// - Parameters:
    ///   - former: the former name of each renamed Overlay, by its present name.
    ///   - live: the names of all Overlays that there are now.
    public mutating func rename(_ former: [String: String], live: Set<String>) {
        // An Overlay that lost its place to another under a new name, and is there still, is a different one by now.
        let displaced = Set(former.values)
        var overlays = self.overlays.filter { live.contains($0.key) && !displaced.contains($0.key) }
        for (name, old) in former { overlays[name] = original(ofOverlay: old) }
        self.overlays = overlays.filter { $0.key != $0.value }
    }

    /// The Overlay that was renamed and keeps a name which an Overlay has now; nil when the name is nobody else's.
    public func keeper(ofOverlay name: String) -> String? {
        overlays[name] == nil ? overlays.filter { $0.value == name }.keys.min() : nil
    }

    /// The present name of the Overlay whose objects were made with a name.
    public func overlay(madeAs original: String) -> String {
        overlays.first { $0.value == original }?.key ?? original
    }
}
