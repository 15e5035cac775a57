internal import Descriptors
internal import Dispatch
internal import Glibc

/// Reads secrets from files, off the cooperative pool.
enum SecretFile {
    /// Podman's limit for a secret (containers/common `pkg/secrets`): less than 512000 bytes.
    static let limit = 511_999

    private static let queue = DispatchQueue(label: "dev.wgctl.podman.secret-files")

    /// Why a file cannot be used, in words that follow its path.
    struct Problem: Error {
        var text: String
    }

    /// The bytes of a file that belongs to root and is closed to everybody else, without one final line feed.
    ///
    /// - Throws: `Problem`.
    static func read(_ path: String) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try readBlocking(path) }) }
        }
    }

    private static func readBlocking(_ path: String) throws -> [UInt8] {
        // O_NONBLOCK: opening a FIFO must not wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw Problem(errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Problem(text: "is not a regular file") }
        guard status.st_uid == 0 else { throw Problem(text: "does not belong to root: chown root it") }
        guard status.st_mode & 0o077 == 0 else { throw Problem(text: "is open to others: chmod 0600 it") }
        var bytes = [UInt8](repeating: 0, count: limit + 2)
        defer { wipe(&bytes) }
        var count = 0
        while count < bytes.count {
            let space = bytes.count - count
            let result = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), space)
            }
            if result < 0 {
                let code = errno
                if code == EINTR { continue }
                throw Problem(errno: code)
            }
            if result == 0 { break }
            count += result
        }
        var value = Array(bytes[..<count])
        if value.last == UInt8(ascii: "\n") { value.removeLast() }
        guard !value.isEmpty else { throw Problem(text: "is empty") }
        guard value.count <= limit else { throw Problem(text: "is longer than \(limit) bytes") }
        guard !value.contains(0) else { throw Problem(text: "holds a zero byte, which no environment variable can") }
        return value
    }

    /// Overwrites a secret that is no longer needed.
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            explicit_bzero(start, buffer.count)
        }
    }
}

extension SecretFile.Problem {
    init(errno code: Int32) {
        text =
            switch code {
            case ENOENT: "does not exist: make it, owned by root and with mode 0600"
            case ELOOP: "is a symbolic link: give the file itself"
            default: "cannot be read: \(SystemError.text(of: code))"
            }
    }
}
