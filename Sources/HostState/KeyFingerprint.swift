/// Shows only whether two secrets are equal: a hash keyed with a random number of this process, so that it means
/// nothing to another process, nor to the next.
public struct KeyFingerprint: Hashable, Sendable, Codable {
    let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
}
