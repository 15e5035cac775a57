internal import CSodium
internal import Descriptors
internal import Glibc
internal import HostState

/// The secret of this host that seals what we create in Podman: 32 random bytes that only root can read.
///
/// A seal is BLAKE2b-256, keyed with the secret, over the identity of one container or network: its name in Podman, the
/// image that it was created from, the node, the spec hash and a nonce. Labels that `podman commit` or `podman run`
/// copy to another container therefore prove nothing.
public final class HostSeal: @unchecked Sendable {
    // @unchecked: the memory is written once, in `init`, and only read afterwards.
    private let secret: UnsafeMutableRawPointer
    private static let size = 32

    /// Why there is no secret. Never contains a byte of it.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// Reads the secret `DIRECTORY/seal.key`, or creates it when there is none. Blocks on the file system.
    ///
    /// - Throws: `Failure` when it is open to others, garbled, or cannot be read or created.
    public init(directory: String) throws(Failure) {
        guard sodium_init() >= 0, let memory = sodium_malloc(HostSeal.size) else {
            throw Failure(description: "no locked memory for a secret: raise the memory limit of this process")
        }
        do throws(Failure) {
            if try !HostSeal.read(directory + "/seal.key", into: memory) {
                randombytes_buf(memory, HostSeal.size)
                try HostSeal.create(directory, from: memory)
            }
        } catch {
            sodium_free(memory)
            throw error
        }
        sodium_mprotect_readonly(memory)
        secret = memory
    }

    deinit { sodium_free(secret) }

    /// The labels that prove that an object is ours.
    ///
    /// - Parameters:
    ///   - kind: `container` or `network`.
    ///   - image: the image's id; empty for a network.
    func labels(kind: String, name: String, image: String, nonce: String, labels: [String: String]) -> [String: String]
    {
        [
            OwnershipMark.nonceLabel: nonce,
            OwnershipMark.sealLabel: hexadecimal(code(kind, name, image, nonce, labels)),
        ]
    }

    /// The nonce of an object's seal; nil without a seal of this host for this very object.
    func nonce(kind: String, name: String, image: String, labels: [String: String]) -> String? {
        guard let nonce = labels[OwnershipMark.nonceLabel], let text = labels[OwnershipMark.sealLabel] else {
            return nil
        }
        let expected = Array(hexadecimal(code(kind, name, image, nonce, labels)).utf8)
        let found = Array(text.utf8)
        guard found.count == expected.count, sodium_memcmp(found, expected, expected.count) == 0 else { return nil }
        return nonce
    }

    private func code(
        _ kind: String, _ name: String, _ image: String, _ nonce: String, _ labels: [String: String]
    ) -> [UInt8] {
        let digest = image.hasPrefix("sha256:") ? String(image.dropFirst("sha256:".count)) : image
        let fields = [
            "wgctl seal 1", kind, name, digest, nonce, labels[OwnershipMark.nodeLabel] ?? "",
            labels[OwnershipMark.specHashLabel] ?? "",
        ]
        // No field contains a zero byte: none of Podman's names does.
        let message = Array(fields.joined(separator: "\u{0}").utf8)
        var code = [UInt8](repeating: 0, count: 32)
        crypto_generichash(
            &code, code.count, message, UInt64(message.count), secret.assumingMemoryBound(to: UInt8.self), HostSeal.size
        )
        return code
    }

    // MARK: The file

    /// - Returns: false when there is none.
    private static func read(_ path: String, into memory: UnsafeMutableRawPointer) throws(Failure) -> Bool {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return false }
            throw failure(path, "open")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(path, "stat") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw Failure(
                description: "\(path) must be a regular file of user \(geteuid()) with mode 600; if others may have "
                    + "read it, delete it: wgd makes another, and knows its containers by their ids")
        }
        // Neither a truncated file nor a longer one is a secret.
        guard status.st_size == size, Glibc.read(file, memory, size) == size else {
            throw Failure(
                description: "\(path) does not hold \(size) bytes; delete it: wgd makes another, and knows its "
                    + "containers by their ids")
        }
        return true
    }

    /// A power cut leaves no file or the whole one, and an existing one is never overwritten.
    private static func create(_ directory: String, from memory: UnsafeMutableRawPointer) throws(Failure) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure(directory, "mkdir") }
        let (path, temporary) = (directory + "/seal.key", directory + "/seal.key.tmp")
        // The rest of a creation that was killed half-way: nothing was sealed with it.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(temporary, "open") }
        defer { unlink(temporary) }
        let written = write(file, memory, size)
        let isKept = written == size && fsync(file) == 0
        let reason = failure(temporary, "write")
        close(file)
        guard isKept else { throw reason }
        guard link(temporary, path) == 0 else { throw failure(path, "link") }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(directory, "open") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(directory, "fsync") }
    }

    private static func failure(_ path: String, _ call: String) -> Failure {
        Failure(description: "\(path): \(call): \(SystemError.text(of: errno))")
    }
}
