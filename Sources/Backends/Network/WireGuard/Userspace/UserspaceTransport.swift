internal import Descriptors
internal import Glibc
public import HostState

/// A userspace implementation behind its UAPI socket, `DIRECTORY/INTERFACE.sock`.
public struct UserspaceTransport: DeviceTransport {
    public let directory: String
    /// For each operation as a whole.
    public let timeout: Duration

    public init(directory: String = "/run/wireguard", timeout: Duration = .seconds(5)) {
        self.directory = directory
        self.timeout = timeout
    }

    func socketPath(_ interface: String) -> String { "\(directory)/\(interface).sock" }

    public func device(_ interface: String) throws(WireGuardError) -> ObservedDevice {
        let socket = try connect(interface, "get")
        let request: SecretBytes
        do throws(KeyStoreError) { request = try UAPIRequest.get() } catch { throw .outOfMemory }
        let answer = try request.withUnsafeBytes { bytes throws(WireGuardError) in try socket.exchange(bytes) }
        // wireguard-go without a link is about to end.
        guard if_nametoindex(interface) != 0 else { throw .noDevice(interface: interface) }
        return try parse(answer, interface, "get").device
    }

    /// False, because only the newest versions do, and none reports its version.
    public func takesAllowedIPsAway() -> Bool? { false }

    public func configure(_ configuration: DeviceConfiguration) throws(WireGuardError) {
        let interface = configuration.interface
        var configuration = configuration
        if let port = configuration.listenPort {
            // For the port that it has already, it would reopen its sockets, and lose the packets that are queued
            // there.
            if try device(interface).listenPort == port {
                configuration.listenPort = nil
            } else {
                try checkPort(port, interface)
            }
        }
        let request: SecretBytes
        do throws(KeyStoreError) { request = try UAPIRequest.set(configuration) } catch { throw .outOfMemory }
        let socket = try connect(interface, "set")
        let answer = try request.withUnsafeBytes { bytes throws(WireGuardError) in try socket.exchange(bytes) }
        do throws(WireGuardError) {
            _ = try parse(answer, interface, "set")
        } catch {
            throw error.naming(port: configuration.listenPort)
        }
    }

    /// Whether a process listens on the socket.
    ///
    /// - Throws: `WireGuardError.foreignSocket`.
    func answers(_ interface: String) throws(WireGuardError) -> Bool {
        do throws(WireGuardError) {
            _ = try connect(interface, "connect")
            return true
        } catch {
            if case .foreignSocket = error { throw error }
            return false
        }
    }

    private func connect(_ interface: String, _ operation: String) throws(WireGuardError) -> UAPISocket {
        try checkInterfaceName(interface)
        // Checked before, because one may end meanwhile; and after, because one may start meanwhile.
        var isHere = try isOfThisNamespace(interface, operation)
        let socket = try UAPISocket(
            path: socketPath(interface), interface: interface, operation: operation, timeout: timeout)
        if !isHere { isHere = try isOfThisNamespace(interface, operation) }
        guard isHere else { throw .foreignSocket(interface: interface, path: socketPath(interface)) }
        return socket
    }

    /// Network namespaces share the directory.
    private func isOfThisNamespace(_ interface: String, _ operation: String) throws(WireGuardError) -> Bool {
        do throws(SystemError) {
            return try ListeningSockets.contain(socketPath(interface))
        } catch {
            throw .refused(interface: interface, operation: operation, code: error.code, detail: "\(error)")
        }
    }

    private func parse(
        _ answer: SecretBytes, _ interface: String, _ operation: String
    ) throws(WireGuardError) -> UAPIResponse {
        let response = try answer.withUnsafeBytes { bytes throws(WireGuardError) in
            try UAPIResponse.parse(bytes, interface: interface)
        }
        // No errno line: it ended during the answer.
        guard let code = response.code else { throw .noDevice(interface: interface) }
        // wireguard-go answers with negative numbers.
        guard code == 0 else {
            throw .refused(interface: interface, operation: operation, code: abs(code), detail: nil)
        }
        return response
    }

    /// wireguard-go accepts any port while its link is down, and does not report that the port is in use.
    private func checkPort(_ port: UInt16, _ interface: String) throws(WireGuardError) {
        guard port != 0 else { return }
        let probe = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return }
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let status = withUnsafeBytes(of: &address) { raw in
            bind(
                probe, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        if status != 0 && errno == EADDRINUSE { throw .portInUse(interface: interface, port: port) }
    }
}

/// An interface name becomes part of a path and an argument list: `IFNAMSIZ` and the kernel's `dev_valid_name`.
func checkInterfaceName(_ name: String) throws(WireGuardError) {
    let isValid =
        (1...15).contains(name.utf8.count) && name != "." && name != ".."
        && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    guard isValid else { throw .badInterfaceName(name) }
}
