internal import CSodium
internal import NetAddress

extension PublicKey {
    /// The public key of a private key in base64, equal to `wg pubkey`; nil for anything else than 32 bytes.
    ///
    /// The private key is not kept, and the copy of it is wiped.
    init?(ofPrivateKey base64: String) {
        guard base64.utf8.count == 44, sodium_init() >= 0 else { return nil }
        var scalar = [UInt8](repeating: 0, count: Int(crypto_scalarmult_SCALARBYTES))
        defer { sodium_memzero(&scalar, scalar.count) }
        var length = 0
        let status = base64.withCString { text in
            sodium_base642bin(&scalar, scalar.count, text, 44, nil, &length, nil, sodium_base64_VARIANT_ORIGINAL)
        }
        guard status == 0, length == scalar.count, scalar.contains(where: { $0 != 0 }) else { return nil }
        // Clamping (RFC 7748, section 5) is part of the multiplication.
        var point = [UInt8](repeating: 0, count: Int(crypto_scalarmult_BYTES))
        guard crypto_scalarmult_base(&point, scalar) == 0 else { return nil }
        self.init(bytes: point)
    }
}
