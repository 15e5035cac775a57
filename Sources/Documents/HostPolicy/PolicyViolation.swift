public import Manifest
public import Resources

/// Something that a manifest asks for and a host's policy does not allow.
public struct PolicyViolation: Hashable, Sendable {
    /// The resource that asks.
    public var resource: ResourceKey
    /// `spec.containers[0].securityContext.privileged`
    public var path: FieldPath
    public var reason: String
    /// What to write instead, and which field of the policy would allow it.
    public var remedy: String

    public init(resource: ResourceKey, path: FieldPath, reason: String, remedy: String) {
        self.resource = resource
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }
}
