internal import Descriptors
internal import Foundation
internal import Glibc
public import NetAddress

/// The file of `--peer-keys`: a JSON object of node names and public keys.
public enum PeerKeysFile {
    /// - Throws: `PlainFileError` for anything but a plain file, `SystemError`, `DecodingError`.
    public static func read(_ path: String) throws -> [String: PublicKey] {
        let file = try Descriptor(openingFile: path, flags: O_RDONLY)
        return try JSONDecoder().decode([String: PublicKey].self, from: Data(file.readAll(limit: 64 << 20)))
    }
}
