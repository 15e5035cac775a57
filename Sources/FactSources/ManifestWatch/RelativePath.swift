/// A path below the manifest directory as the kernel knows it: bytes, not characters.
/// (`String` compares by canonical equivalence, so two different files could be one.)
struct RelativePath: Hashable, Comparable {
    static let root = RelativePath(bytes: [])
    private(set) var bytes: [UInt8]

    func appending(_ name: [UInt8]) -> RelativePath {
        RelativePath(bytes: bytes.isEmpty ? name : bytes + [UInt8(ascii: "/")] + name)
    }

    /// The last component.
    var name: [UInt8] { Array(bytes.reversed().prefix { $0 != UInt8(ascii: "/") }.reversed()) }

    /// Every directory above, the root first.
    var ancestors: [RelativePath] {
        guard !bytes.isEmpty else { return [] }
        return [.root]
            + bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") }.map { RelativePath(bytes: Array(bytes[..<$0])) }
    }

    var isValidText: Bool { String(validating: bytes, as: UTF8.self) != nil }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// For system calls; the root is ".".
    func withCString<R>(_ body: (UnsafePointer<CChar>) throws -> R) rethrows -> R {
        let terminated = (bytes.isEmpty ? [UInt8(ascii: ".")] : bytes).map { CChar(bitPattern: $0) } + [0]
        return try terminated.withUnsafeBufferPointer { buffer in
            // An array with a terminator in it has an address.
            guard let base = buffer.baseAddress else { return try "".withCString(body) }
            return try body(base)
        }
    }

    static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
