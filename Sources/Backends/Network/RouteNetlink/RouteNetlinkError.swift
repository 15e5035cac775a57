public import Descriptors
internal import Glibc
public import Netlink

/// Why a change of the kernel was not made.
public enum RouteNetlinkError: Error, Hashable, Sendable {
    /// The kernel refused.
    case refused(NetlinkError)
    /// A file below `/proc/sys` could not be opened, read or written.
    case sysctl(SystemError)
    /// A key that leads out of `/proc/sys`.
    case badSysctlKey(String)
    case noSuchLink(name: String)
    /// The index that was observed now belongs to something else, or the link has another kind or mark.
    case linkChanged(name: String, index: Int32, found: String)
    /// An object of that key exists, and is not the wanted one.
    case exists(object: String, found: String)
    /// The kernel cannot create links of this kind.
    case unsupportedKind(String)
    /// The change belongs to another backend.
    case notOurs(String)
    /// The kernel's answer cannot be parsed.
    case unreadable(String)

    init(_ error: any Error, _ operation: @autoclosure () -> String) {
        self =
            switch error {
            case let error as RouteNetlinkError: error
            case let error as NetlinkError: .refused(error)
            case let error as SystemError: .sysctl(error)
            default: .unreadable("\(operation()): \(error)")
            }
    }
}

extension RouteNetlinkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let error): error.description
        case .sysctl(let error): error.description
        case .badSysctlKey(let key): "sysctl \(key): not a path below /proc/sys; write it like net/ipv4/ip_forward"
        case .noSuchLink(let name): "link \(name) does not exist; it must be made first"
        case .linkChanged(let name, let index, let found):
            "link \(name) (index \(index)) is not what it was: \(found); nothing was written, look again"
        case .exists(let object, let found):
            "\(object) cannot be made: \(found) stands there; take that away or choose another"
        case .unsupportedKind(let kind):
            "the kernel cannot make \(kind) links; load the module (modprobe \(kind)) or install a kernel that has it"
        case .notOurs(let change): "\(change) is not a change of links, addresses, routes, neighbours or sysctls"
        case .unreadable(let what): "\(what); this kernel's netlink is not as expected, please report it"
        }
    }
}
