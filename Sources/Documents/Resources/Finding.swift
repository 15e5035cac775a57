public import Manifest

/// One mistake in the manifests, for programs that want more than its line of text.
public struct Finding: Hashable, Sendable, Codable, Comparable {
    /// The resource that it concerns; nil for a mistake of a file.
    public var resource: ResourceKey?
    /// From `Reason`: `Invalid`, `Conflict`, `RefNotFound`, `UnsupportedKind`, `SharedEndpoint`, `UnreachableEndpoint`,
    /// `NestedRoute`.
    public var reason: String
    public var error: ManifestError

    public init(resource: ResourceKey?, reason: String, error: ManifestError) {
        self.resource = resource
        self.reason = reason
        self.error = error
    }

    /// Whether the document is in force all the same: only this version does not serve its kind, its deletion waits, a
    /// field has no value, or what it says cannot all be true.
    public var isWarning: Bool {
        [
            Reason.unsupportedKind, Reason.pruneBlocked, Reason.inUse, Reason.nullField, Reason.sharedEndpoint,
            Reason.unreachableEndpoint, Reason.nestedRoute,
        ].contains(reason)
    }

    public static func < (a: Finding, b: Finding) -> Bool { (a.error, a.reason) < (b.error, b.reason) }
}
