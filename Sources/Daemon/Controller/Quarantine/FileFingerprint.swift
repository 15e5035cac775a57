internal import HostState
internal import Manifest

/// Identifies a manifest file by its contents.
struct FileFingerprint: Hashable, Sendable, Codable {
    /// Bytes of the hash: BLAKE2b-128.
    static let length = 16

    /// Hexadecimal.
    var hash: String
    var path: String

    init(hash: String, path: String) {
        self.hash = hash
        self.path = path
    }

    /// nil for a file without contents.
    init?(_ file: ManifestFile) {
        guard case .bytes(let bytes) = file.contents else { return nil }
        self.init(hash: contentHash(of: bytes), path: file.path)
    }
}
