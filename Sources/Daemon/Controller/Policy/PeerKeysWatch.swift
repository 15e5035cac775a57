internal import NetAddress

/// The keys of `--peer-keys`, and later changes of the file. One that cannot be read leaves the keys as they are.
struct PeerKeysWatch: Sendable {
    private let path: String?
    private(set) var keys: [String: PublicKey]

    /// - Parameters:
    ///   - path: nil where there is no such file.
    ///   - keys: what it contained at the start.
    init(path: String?, keys: [String: PublicKey]) {
        self.path = path
        self.keys = keys
    }

    /// Reads the file, which is a lab's and small. Returns whether the keys have changed.
    mutating func look() -> Bool {
        guard let path, let now = try? PeerKeysFile.read(path), now != keys else { return false }
        keys = now
        return true
    }
}
