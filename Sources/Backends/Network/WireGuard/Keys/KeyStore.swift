internal import Glibc

/// The private key of this host: `DIRECTORY/node.key`, base64 and a newline, mode 0600 in a directory of mode 0700.
///
/// A key is never overwritten, regenerated or guessed. Calls block on the file system: not for the cooperative pool.
public struct KeyStore: Sendable {
    public let directory: String

    private static let fileName = "node.key"
    private static let temporaryName = "node.key.tmp"
    /// 44 characters and a newline.
    private static let fileSize = 45

    public init(directory: String) { self.directory = directory }

    /// The path of the key file.
    public var path: String { "\(directory)/\(KeyStore.fileName)" }

    /// Reads the key; nil when there is none.
    ///
    /// - Throws: `KeyStoreError.exposed` when others could read it, `.garbled` when the file is empty or anything but
    ///   a key, `.system`.
    public func load() throws(KeyStoreError) -> PrivateKey? {
        guard let folder = try openDirectory() else { return nil }
        defer { close(folder) }
        return try load(in: folder)
    }

    /// Creates a key and stores it, so that a power cut leaves either no key or the whole one.
    ///
    /// - Throws: `KeyStoreError.exists` when there is one, whatever its content; otherwise as `load`.
    public func create() throws(KeyStoreError) -> PrivateKey {
        try makeDirectory()
        guard let folder = try openDirectory() else { throw .system(path: directory, call: "open", code: ENOENT) }
        defer { close(folder) }
        // Two processes would otherwise replace each other's key; closing the descriptor releases the lock.
        guard flock(folder, LOCK_EX) == 0 else { throw .system(path: directory, call: "flock", code: errno) }
        var status = stat()
        if fstatat(folder, KeyStore.fileName, &status, AT_SYMLINK_NOFOLLOW) == 0 { throw .exists(path: path) }
        guard errno == ENOENT else { throw .system(path: path, call: "stat", code: errno) }
        // A file of a creation that was killed half-way: that key was never used.
        unlinkat(folder, KeyStore.temporaryName, 0)
        let key = try PrivateKey.generate()
        try write(key, in: folder)
        guard renameat(folder, KeyStore.temporaryName, folder, KeyStore.fileName) == 0 else {
            throw .system(path: path, call: "rename", code: errno)
        }
        guard fsync(folder) == 0 else { throw .system(path: directory, call: "fsync", code: errno) }
        return key
    }

    private func write(_ key: PrivateKey, in folder: Int32) throws(KeyStoreError) {
        let text = try SecretBytes(capacity: KeyStore.fileSize + 1)
        try key.append(to: text, as: .base64)
        try text.append([UInt8(ascii: "\n")])
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(folder, KeyStore.temporaryName, flags, 0o600)
        guard file >= 0 else { throw .system(path: path, call: "open", code: errno) }
        let failure = text.withUnsafeBytes { bytes -> (String, Int32)? in
            var offset = 0
            while offset < bytes.count {
                let written = Glibc.write(file, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return ("write", written < 0 ? errno : ENOSPC) }
                offset += written
            }
            return fsync(file) == 0 ? nil : ("fsync", errno)
        }
        close(file)
        if let (call, code) = failure {
            unlinkat(folder, KeyStore.temporaryName, 0)
            throw .system(path: path, call: call, code: code)
        }
    }

    private func load(in folder: Int32) throws(KeyStoreError) -> PrivateKey? {
        // O_NONBLOCK: a FIFO under this name must not hang us.
        let file = openat(folder, KeyStore.fileName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            if code == ELOOP {
                throw .exposed(path: path, reason: "is a symbolic link", remedy: "Put the key file itself there")
            }
            throw .system(path: path, call: "open", code: code)
        }
        defer { close(file) }
        try check(file, path: path, type: S_IFREG, typeName: "a regular file", mode: "600")
        let text = try SecretBytes(capacity: KeyStore.fileSize + 1)
        while text.count <= KeyStore.fileSize {
            var code: Int32 = 0
            let received = try text.append(room: KeyStore.fileSize + 1 - text.count) { room in
                let count = read(file, room.baseAddress, room.count)
                code = errno
                return count
            }
            if received < 0 {
                if code == EINTR { continue }
                throw .system(path: path, call: "read", code: code)
            }
            if received == 0 { break }
        }
        let key = try text.withUnsafeBytes { bytes throws(KeyStoreError) -> PrivateKey? in
            guard bytes.count == KeyStore.fileSize, bytes.last == UInt8(ascii: "\n") else { return nil }
            return try PrivateKey(base64: UnsafeRawBufferPointer(rebasing: bytes.dropLast()))
        }
        guard let key else { throw .garbled(path: path) }
        return key
    }

    private func openDirectory() throws(KeyStoreError) -> Int32? {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw .system(path: directory, call: "open", code: code)
        }
        do {
            try check(folder, path: directory, type: S_IFDIR, typeName: "a directory", mode: "700")
        } catch {
            close(folder)
            throw error
        }
        return folder
    }

    private func check(
        _ descriptor: Int32, path: String, type: mode_t, typeName: String, mode: String
    ) throws(KeyStoreError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, call: "stat", code: errno) }
        guard status.st_mode & S_IFMT == type else {
            throw .exposed(path: path, reason: "is not \(typeName)", remedy: "Put \(typeName) there")
        }
        guard status.st_uid == geteuid() else {
            throw .exposed(
                path: path, reason: "belongs to user \(status.st_uid), not to user \(geteuid())",
                remedy: "If nobody else has read it, run: chown \(geteuid()) \(path)")
        }
        guard status.st_mode & 0o077 == 0 else {
            let bits = String(status.st_mode & 0o777, radix: 8)
            throw .exposed(
                path: path, reason: "has mode \(bits), open to others",
                remedy: "If nobody else has read it, run: chmod \(mode) \(path)")
        }
    }

    private func makeDirectory() throws(KeyStoreError) {
        // Parents are ordinary directories; the mode of the last one protects the key.
        let parts = directory.split(separator: "/")
        var prefix = directory.hasPrefix("/") ? "" : "."
        for (index, part) in parts.enumerated() {
            prefix += "/\(part)"
            guard mkdir(prefix, index == parts.count - 1 ? 0o700 : 0o755) != 0, errno != EEXIST else { continue }
            throw .system(path: prefix, call: "mkdir", code: errno)
        }
    }
}
