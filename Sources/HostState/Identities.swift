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

    /// The present name of the Overlay whose objects were made with a name.
    public func overlay(madeAs original: String) -> String {
        overlays.first { $0.value == original }?.key ?? original
    }
}
