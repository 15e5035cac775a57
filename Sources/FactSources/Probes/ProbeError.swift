internal import Descriptors
internal import Glibc
public import NetAddress

/// Why a probe or an announcement could not be sent. An echo that nobody answers is not an error.
public enum ProbeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The socket could not be created; `code` is an errno.
    case noSocket(what: String, code: Int32)
    /// Source and destination are of different families.
    case mixedFamilies(source: IPAddress, destination: IPAddress)
    /// The kernel did not send the packet; `code` is an errno.
    case notSent(what: String, code: Int32)
    /// There is no such interface, or it is not an Ethernet one.
    case badInterface(name: String, reason: String)

    public var description: String {
        switch self {
        case .noSocket(let what, let code):
            "\(what): \(SystemError.text(of: code))"
                + (code == EPERM || code == EACCES ? ". Run as root, or with CAP_NET_RAW" : "")
        case .mixedFamilies(let source, let destination):
            "cannot probe \(destination) from \(source): use a source address of the same family"
        case .notSent(let what, let code): "\(what): \(SystemError.text(of: code))" + ProbeError.remedy(code)
        case .badInterface(let name, let reason): "\(name): \(reason)"
        }
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOKEY: ". No WireGuard peer has this address among its allowed IPs"
        case EDESTADDRREQ: ". The WireGuard peer of this address has no endpoint yet"
        // IPv4 also returns ENETUNREACH for a source that is not an address of this host.
        case ENETUNREACH, EHOSTUNREACH: ". There is no route to it, or the source is not an address of this host"
        case EADDRNOTAVAIL, EINVAL: ". The source is not an address of this host"
        default: ""
        }
    }
}
