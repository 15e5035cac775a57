/// Tells whether two secrets are the same, and nothing else about them: a hash that is keyed with a random number of this
/// process, so that it means nothing to another, nor to the next.
public struct KeyFingerprint: Hashable, Sendable, Codable {
    let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
}
