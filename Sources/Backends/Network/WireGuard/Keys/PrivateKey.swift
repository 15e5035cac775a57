internal import CSodium
public import NetAddress

/// A WireGuard private key, clamped like `wg genkey` does (RFC 7748, section 5).
///
/// In `sodium_malloc` memory that is read-only, and zeroed when the last reference is released. It has no
/// description and no coding, so that it cannot reach a log, a record or an argument list by accident.
public final class PrivateKey: @unchecked Sendable {  // the memory never changes after init
    static let byteCount = Int(crypto_scalarmult_SCALARBYTES)

    private let memory: UnsafeMutableRawPointer
    /// The public half: `crypto_scalarmult_base`, equal to `wg pubkey`.
    public let publicKey: PublicKey

    /// `fill` writes the 32 bytes and returns whether it could; they are clamped afterwards.
    init?(_ fill: (UnsafeMutableRawBufferPointer) -> Bool) throws(KeyStoreError) {
        guard sodium_init() >= 0, let memory = sodium_malloc(PrivateKey.byteCount) else { throw .outOfMemory }
        let bytes = UnsafeMutableRawBufferPointer(start: memory, count: PrivateKey.byteCount)
        guard fill(bytes), bytes.contains(where: { $0 != 0 }) else {
            sodium_free(memory)
            return nil
        }
        bytes[0] &= 248
        bytes[31] = bytes[31] & 127 | 64
        sodium_mprotect_readonly(memory)
        var point = [UInt8](repeating: 0, count: Int(crypto_scalarmult_BYTES))
        guard crypto_scalarmult_base(&point, memory.assumingMemoryBound(to: UInt8.self)) == 0,
            let publicKey = PublicKey(bytes: point)
        else {
            sodium_free(memory)
            return nil
        }
        self.memory = memory
        self.publicKey = publicKey
    }

    deinit { sodium_free(memory) }

    /// A new key from the kernel's random numbers.
    ///
    /// - Throws: `KeyStoreError.outOfMemory`.
    public static func generate() throws(KeyStoreError) -> PrivateKey {
        let key = try PrivateKey { bytes in
            guard let start = bytes.baseAddress else { return false }
            randombytes_buf(start, bytes.count)
            return true
        }
        guard let key else { throw .outOfMemory }
        return key
    }

    /// The 32 bytes, for a transport that writes them to the device; they must not outlive `body`.
    func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: PrivateKey.byteCount))
    }
}

extension PrivateKey {
    /// Decodes base64 of exactly 32 bytes; nil for anything else.
    convenience init?(base64 text: UnsafeRawBufferPointer) throws(KeyStoreError) {
        try self.init { bytes in
            guard let key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let characters = text.baseAddress?.assumingMemoryBound(to: CChar.self)
            else { return false }
            var length = 0
            let status = sodium_base642bin(
                key, bytes.count, characters, text.count, nil, &length, nil, sodium_base64_VARIANT_ORIGINAL)
            return status == 0 && length == bytes.count
        }
    }

    /// Decodes 64 hexadecimal digits, as the userspace UAPI writes keys; nil for anything else and for a key of zeros.
    convenience init?(hex text: UnsafeRawBufferPointer) throws(KeyStoreError) {
        try self.init { bytes in
            guard let key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let digits = text.baseAddress?.assumingMemoryBound(to: CChar.self)
            else { return false }
            var length = 0
            let status = sodium_hex2bin(key, bytes.count, digits, text.count, nil, &length, nil)
            return status == 0 && length == bytes.count
        }
    }

    /// Appends the key as base64 or hexadecimal text to secret memory.
    func append(to target: SecretBytes, as encoding: Encoding) throws(KeyStoreError) {
        let size = encoding == .hex ? PrivateKey.byteCount * 2 : 44
        // Both encoders write a NUL at the end, which is dropped.
        _ = try target.append(room: size + 1) { room in
            withUnsafeBytes { bytes in
                guard let text = room.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                else { return }
                switch encoding {
                case .hex: sodium_bin2hex(text, room.count, key, bytes.count)
                case .base64: sodium_bin2base64(text, room.count, key, bytes.count, sodium_base64_VARIANT_ORIGINAL)
                }
            }
            return size
        }
    }

    enum Encoding { case base64, hex }
}
