internal import CSodium
internal import Foundation

extension DesiredContainer {
    /// 32 hexadecimal digits (BLAKE2b-128) over the canonical JSON of everything that a running container cannot change.
    /// Pull policy is left out: it matters only when an image is fetched.
    public var specHash: String {
        var copy = self
        copy.pullPolicy = .ifNotPresent
        return canonicalHash(of: copy)
    }
}

extension DesiredNetwork {
    /// As `DesiredContainer.specHash`: Podman fixes all of a network when it is created.
    public var specHash: String { canonicalHash(of: self) }
}

private func canonicalHash(of value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Plain values of strings and numbers always encode.
    return contentHash(of: (try? encoder.encode(value)).map { Array($0) } ?? [])
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
