internal import Glibc
public import HostState
internal import Netlink

/// The kernel's WireGuard, through its generic netlink family (linux/wireguard.h).
///
/// Each operation opens its own socket, in the network namespace of the calling thread.
public struct KernelTransport: DeviceTransport {
    /// For each answer; whole seconds, at least one.
    public let timeout: Duration

    public init(timeout: Duration = .seconds(5)) { self.timeout = timeout }

    public func device(_ interface: String) throws(WireGuardError) -> ObservedDevice {
        try exchange(interface, "get") { socket, family in
            let decoder = try socket.dump(
                DeviceAttributes.get(interface, family: family), "read the WireGuard device \(interface)",
                into: DeviceDecoder(interface: interface), wipes: true
            ) { decoder, message in
                if let generic = message.generic { try decoder.take(generic.attributes) }
            }
            return decoder.device
        }
    }

    public func takesAllowedIPsAway() -> Bool? {
        guard let socket = try? openSocket("look for WireGuard"),
            let family = try? socket.genericFamily(named: DeviceAttributes.familyName)
        else { return nil }
        let policy = try? socket.policy(of: family, command: DeviceAttributes.setCommand)
        return policy.map(DeviceAttributes.takeAllowedIPsAway(by:)) ?? false
    }

    public func configure(_ configuration: DeviceConfiguration) throws(WireGuardError) {
        do throws(WireGuardError) {
            try exchange(configuration.interface, "set") { socket, family in
                for part in configuration.parts(below: DeviceAttributes.messageLimit) {
                    var message = DeviceAttributes.set(part, family: family)
                    defer { message.wipe() }
                    try socket.perform(message, "configure the WireGuard device \(part.interface)")
                }
            }
        } catch {
            throw error.naming(port: configuration.listenPort)
        }
    }

    private func exchange<R>(
        _ interface: String, _ operation: String, _ body: (NetlinkSocket, GenericNetlinkFamily) throws -> R
    ) throws(WireGuardError) -> R {
        try checkInterfaceName(interface)
        do {
            let socket = try openSocket(operation)
            guard let family = try socket.genericFamily(named: DeviceAttributes.familyName) else {
                throw WireGuardError.noDevice(interface: interface)
            }
            return try body(socket, family)
        } catch let error as WireGuardError {
            throw error
        } catch let error as NetlinkError {
            switch error.code {
            // No such interface, or one of another kind.
            case ENODEV, EOPNOTSUPP: throw .noDevice(interface: interface)
            case ETIMEDOUT:
                throw .timedOut(interface: interface, operation: operation, seconds: timeout / .seconds(1))
            default:
                throw .refused(interface: interface, operation: operation, code: error.code, detail: error.message)
            }
        } catch {
            throw .malformed(interface: interface, reason: "\(error)")
        }
    }

    private func openSocket(_ operation: String) throws(NetlinkError) -> NetlinkSocket {
        try NetlinkSocket(.generic, timeout: max(1, Int(timeout / .seconds(1))))
    }
}
