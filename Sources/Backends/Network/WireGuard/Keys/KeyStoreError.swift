internal import Descriptors
internal import Glibc

/// Why the key of this host cannot be read or created. Never contains a byte of the key.
public enum KeyStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file or its directory is open to others, or belongs to someone else.
    case exposed(path: String, reason: String, remedy: String)
    /// The file does not contain base64 of 32 bytes.
    case garbled(path: String)
    /// `create` found a key.
    case exists(path: String)
    /// A system call failed.
    case system(path: String, call: String, code: Int32)
    /// `sodium_malloc` failed, usually because of `RLIMIT_AS` or a memory limit.
    case outOfMemory

    public var description: String {
        switch self {
        case .exposed(let path, let reason, let remedy):
            "\(path) \(reason); the private key may be known to others. \(remedy)"
        case .garbled(let path):
            "\(path) does not hold a WireGuard private key (base64 of 32 bytes and a newline). It is left as it is: "
                + "put the right key back from a backup, or, if it is lost, delete the file and publish the new "
                + "public key in the manifests"
        case .exists(let path): "\(path) exists: a key is never overwritten. Delete the file first if you mean it"
        case .system(let path, let call, let code):
            "\(path): \(call): \(SystemError.text(of: code)). Check that the directory exists, is on a writable "
                + "file system with free space, and that this runs as root"
        case .outOfMemory: "no locked memory for a private key: raise the memory limit of this process"
        }
    }
}
