internal import Descriptors
internal import Glibc
public import NetAddress

/// Why a WireGuard device could not be read, configured, started or stopped.
public enum WireGuardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither the kernel nor an installed program can do this.
    case unsupported(interface: String, remedy: String)
    /// No device of that name answers, in the kernel or on a UAPI socket.
    case noDevice(interface: String)
    /// `configureDevice` was called without a private key.
    case keyMissing(interface: String)
    /// The given private key does not belong to the public key in the change.
    case keyMismatch(interface: String, wanted: PublicKey, given: PublicKey)
    /// The secret from which a change's preshared key was derived is no longer available.
    case presharedKeyMissing(interface: String)
    /// Another program uses the UDP port.
    case portInUse(interface: String, port: UInt16)
    /// The kernel or wireguard-go refused; `code` is an errno.
    case refused(interface: String, operation: String, code: Int32, detail: String?)
    /// No answer in time, in seconds.
    case timedOut(interface: String, operation: String, seconds: Double)
    /// The answer breaks the protocol.
    case malformed(interface: String, reason: String)
    /// Not the name of an interface: 1 to 15 bytes without `/`, `:` or white space.
    case badInterfaceName(String)
    /// Something else has the name: wireguard-go can neither adopt nor replace it.
    case interfaceTaken(interface: String)
    /// The socket of that name belongs to another network namespace, whose interface has the same name.
    case foreignSocket(interface: String, path: String)
    /// wireguard-go did not start.
    case startFailed(interface: String, reason: String)
    /// The change does not concern a WireGuard device.
    case notAWireGuardChange
    /// No locked memory for key material.
    case outOfMemory

    /// The same error, as `portInUse` when the port is the reason.
    func naming(port: UInt16?) -> WireGuardError {
        guard case .refused(let interface, _, EADDRINUSE, _) = self, let port else { return self }
        return .portInUse(interface: interface, port: port)
    }

    public var description: String {
        switch self {
        case .unsupported(let interface, let remedy): "\(interface): WireGuard is not available on this host. \(remedy)"
        case .noDevice(let interface):
            "\(interface): no WireGuard device answers; it is created again by the next reconcile"
        case .keyMissing(let interface):
            "\(interface): this host has no private key yet, so the device cannot be configured; "
                + "look at `wgctl key show`"
        case .keyMismatch(let interface, let wanted, let given):
            "\(interface): the key of this host has the public key \(given), the manifests say \(wanted). "
                + "Put the right public key into the Node, or the right private key into the key store"
        case .presharedKeyMissing(let interface):
            "\(interface): the secret of its preshared keys has just changed; the next look sets them"
        case .portInUse(let interface, let port):
            "\(interface): UDP port \(port) is taken by another program (`ss -lunp` names it). "
                + "Stop it, or set another listenPort"
        case .refused(let interface, let operation, let code, let detail):
            "\(interface): \(operation) was refused: \(SystemError.text(of: code))"
                + (detail.map { " (\($0))" } ?? "") + (code == EPERM || code == EACCES ? ". Run as root" : "")
        case .timedOut(let interface, let operation, let seconds):
            "\(interface): no answer to \(operation) within \(seconds) s. "
                + "Look whether wireguard-go is stopped or overloaded"
        case .malformed(let interface, let reason): "\(interface): the answer of the device makes no sense: \(reason)"
        case .badInterfaceName(let name):
            "\"\(name)\" cannot be the name of an interface: use 1 to 15 bytes without \"/\", \":\" or white space"
        case .interfaceTaken(let interface):
            "\(interface): an interface of this name stands and no wireguard-go answers for it. "
                + "Remove or rename it: ip link delete \(interface)"
        case .foreignSocket(let interface, let path):
            "\(interface): \(path) is the socket of a wireguard-go in another network namespace. "
                + "Stop that one, or give one of the two interfaces another name"
        case .startFailed(let interface, let reason): "\(interface): wireguard-go did not start: \(reason)"
        case .notAWireGuardChange: "a change that is not one of a WireGuard device came to the WireGuard backend"
        case .outOfMemory: "no locked memory for key material: raise the memory limit of this process"
        }
    }
}
