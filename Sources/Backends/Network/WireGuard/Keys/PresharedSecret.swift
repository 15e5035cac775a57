internal import CSodium
internal import Descriptors
internal import Glibc

/// The secret of an overlay, the same on each of its hosts: base64 of 32 bytes, as `wg genpsk` prints it.
///
/// In `sodium_malloc` memory that is read-only, and zeroed when the last reference is released. Like `PrivateKey` it
/// has no description and no coding.
final class PresharedSecret: @unchecked Sendable {  // the memory never changes after init
    static let byteCount = Int(crypto_generichash_KEYBYTES)
    /// 44 characters, a carriage return, a line feed, and room to notice a file that is too long.
    private static let fileLimit = 64

    private let memory: UnsafeMutableRawPointer

    init?(base64 text: UnsafeRawBufferPointer) throws(KeyStoreError) {
        guard sodium_init() >= 0, let memory = sodium_malloc(PresharedSecret.byteCount) else { throw .outOfMemory }
        var length = 0
        let status = sodium_base642bin(
            memory.assumingMemoryBound(to: UInt8.self), PresharedSecret.byteCount,
            text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, nil, &length, nil,
            sodium_base64_VARIANT_ORIGINAL)
        let bytes = UnsafeRawBufferPointer(start: memory, count: PresharedSecret.byteCount)
        guard status == 0, length == PresharedSecret.byteCount, bytes.contains(where: { $0 != 0 }) else {
            sodium_free(memory)
            return nil
        }
        sodium_mprotect_readonly(memory)
        self.memory = memory
    }

    deinit { sodium_free(memory) }

    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: memory, count: PresharedSecret.byteCount))
    }
}

extension PresharedSecret {
    /// Reads a file that belongs to root and that nobody else can read.
    ///
    /// - Throws: `PresharedKeyError`.
    static func read(_ path: String) throws(PresharedKeyError) -> PresharedSecret {
        let secret: PresharedSecret?
        do throws(KeyStoreError) {
            let text = try SecretBytes(capacity: fileLimit)
            try load(path, into: text)
            secret = try text.withUnsafeBytes { bytes throws(KeyStoreError) -> PresharedSecret? in
                // At most one end of line.
                var line = bytes[...]
                if line.last == UInt8(ascii: "\n") { line = line.dropLast() }
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                return try PresharedSecret(base64: UnsafeRawBufferPointer(rebasing: line))
            }
        } catch {
            throw PresharedKeyError(path: path, reason: PresharedSecret.reason(error))
        }
        guard let secret else {
            throw PresharedKeyError(
                path: path,
                reason: "does not hold base64 of 32 bytes: put there what `wg genpsk` prints, the same on every host")
        }
        return secret
    }

    /// The text after the path in a message.
    private static func reason(_ error: KeyStoreError) -> String {
        switch error {
        case .exposed(_, let reason, let remedy): "\(reason): \(remedy)"
        case .system(_, _, ENOENT): "does not exist: make it, owned by root and with mode 0600"
        case .system(_, _, ELOOP): "is a symbolic link: give the file itself"
        case .system(_, _, let code): "cannot be read: \(SystemError.text(of: code))"
        case .garbled, .exists, .outOfMemory: "cannot be read: \(error)"
        }
    }

    private static func load(_ path: String, into text: SecretBytes) throws(KeyStoreError) {
        // O_NONBLOCK: opening a FIFO must not wait for its writer.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw .system(path: path, call: "open", code: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(path: path, call: "stat", code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .exposed(path: path, reason: "is not a regular file", remedy: "put the file itself there")
        }
        guard status.st_uid == 0 else {
            throw .exposed(path: path, reason: "does not belong to root", remedy: "chown root it")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed(path: path, reason: "is open to others", remedy: "chmod 0600 it")
        }
        while text.count < fileLimit {
            var code: Int32 = 0
            let received = try text.append(room: fileLimit - text.count) { room in
                let count = Glibc.read(file, room.baseAddress, room.count)
                code = errno
                return count
            }
            if received == 0 { break }
            guard received > 0 || code == EINTR else { throw .system(path: path, call: "read", code: code) }
        }
    }
}

/// Why the preshared keys of an overlay are not available. Never contains a byte of the secret.
public struct PresharedKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    var path: String
    var reason: String

    public var description: String {
        "the preshared keys cannot be had: \(path) \(reason). Until then the tunnel stays as it is and gets no new peers"
    }
}
