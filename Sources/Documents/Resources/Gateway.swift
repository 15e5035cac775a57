/// An HA gateway. Validated against `crds/gateways.yaml`, kept whole as JSON, and answered with
/// `Accepted=False, reason=UnsupportedKind` by this version.
public struct Gateway: Hashable, Sendable, Codable {
    public var metadata: Metadata

    public init(metadata: Metadata) { self.metadata = metadata }
}
