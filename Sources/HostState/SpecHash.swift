internal import CSodium

extension DesiredContainer {
    /// 32 hexadecimal digits (BLAKE2b-128) over the canonical form: what cannot change in a running container.
    public var specHash: String { contentHash(of: canonicalForm.bytes) }
}

extension DesiredNetwork {
    /// As `DesiredContainer.specHash`: Podman fixes all of a network when it is created.
    public var specHash: String { contentHash(of: canonicalForm.bytes) }
}

/// 32 hexadecimal digits: BLAKE2b-128.
public func contentHash(of bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 16)
    crypto_generichash(&digest, digest.count, bytes, UInt64(bytes.count), nil, 0)
    return hexadecimal(digest)
}

/// Two lower-case digits for each byte.
public func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
