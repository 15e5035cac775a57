internal import Descriptors
internal import Glibc
public import HostState
internal import NetAddress
public import NetworkState
internal import Synchronization

/// Reads and configures the WireGuard devices of this host, whichever implementation carries them.
///
/// It runs on its own thread, in the network and mount namespace of the thread that created it.
public actor WireGuardClient {
    private let executor: ThreadExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let userspace: UserspaceTransport
    private let kernel: KernelTransport
    private let program: WireGuardGo
    /// Devices that did not answer in time, and until when they are not tried again.
    private var hung: [String: (until: ContinuousClock.Instant, error: WireGuardError)] = [:]
    private let timeout: Duration
    /// Whether the kernel has a flag to remove an allowed IP; nil while that is not known.
    var kernelTakesAllowedIPsAway: Bool?
    private nonisolated let writeCount = Atomic(0)

    /// Configurations sent since the start. A reconcile of an unchanged host adds none. Reading it does not wait for a
    /// device that hangs.
    public nonisolated var writes: Int { writeCount.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - userspaceDirectory: where UAPI sockets are; compiled into wireguard-go.
    ///   - timeout: for each exchange with a device, and for the start or stop of wireguard-go.
    /// - Throws: `WireGuardError.startFailed` when the thread cannot be created.
    public init(userspaceDirectory: String = "/run/wireguard", timeout: Duration = .seconds(5)) throws(WireGuardError) {
        do throws(SystemError) {
            executor = try ThreadExecutor()
        } catch {
            throw .startFailed(interface: "WireGuard backend", reason: "\(error)")
        }
        self.timeout = timeout
        userspace = UserspaceTransport(directory: userspaceDirectory, timeout: timeout)
        kernel = KernelTransport(timeout: timeout)
        program = WireGuardGo(transport: userspace, timeout: timeout)
    }

    /// Reads the existing devices among `interfaces`.
    ///
    /// - Throws: `WireGuardError` of the first device that exists and cannot be read.
    public func observe(_ interfaces: [String]) async throws(WireGuardError) -> [String: ObservedDevice] {
        var devices: [String: ObservedDevice] = [:]
        for (interface, result) in await observeEach(interfaces).sorted(by: { $0.key < $1.key }) {
            devices[interface] = try result.get()
        }
        return devices
    }

    /// Reads each device separately, so that one that hangs does not hide the others.
    ///
    /// One that exceeded the deadline is not tried again for three deadlines, because trying delays the others.
    /// - Returns: what was read, or why not, by interface; nothing for one that does not exist.
    public func observeEach(_ interfaces: [String]) async -> [String: Result<ObservedDevice, WireGuardError>] {
        hung = hung.filter { $0.value.until > .now }
        var results: [String: Result<ObservedDevice, WireGuardError>] = [:]
        for interface in interfaces {
            if let known = hung[interface] {
                results[interface] = .failure(known.error)
                continue
            }
            do throws(WireGuardError) {
                results[interface] = .success(try transport(of: interface).device(interface))
            } catch {
                if case .noDevice = error { continue }
                if case .timedOut = error { hung[interface] = (.now + timeout * 3, error) }
                results[interface] = .failure(error)
            }
        }
        return results
    }

    /// Reads the secret of `device`; nil when none is wanted, or the device has no key yet.
    ///
    /// - Throws: `PresharedKeyError`.
    public func presharedKeys(of device: DesiredDevice) async throws(PresharedKeyError) -> PresharedKeys? {
        guard let file = device.presharedKeyFile, let own = device.publicKey else { return nil }
        return try PresharedKeys(file: file, overlay: device.presharedKeyName, own: own)
    }

    /// Applies one change.
    ///
    /// - Parameter key: only for `configureDevice`.
    /// - Throws: `WireGuardError`; a part of the change may be live, so read back.
    public func apply(
        _ change: KernelChange, key: PrivateKey?, presharedKeys: [String: PresharedKeys] = [:]
    ) async throws(WireGuardError) {
        try await apply([change], key: key, presharedKeys: presharedKeys)[0].get()
    }

    /// Applies `configureDevice`, `addPeer`, `updatePeer` and `removePeer` changes, those of one device together.
    ///
    /// When a device refuses them together, they are applied one by one, so that one bad change prevents no other.
    /// - Parameter presharedKeys: by interface, for peers with a preshared key.
    /// - Returns: the outcome of each change, at its place in `changes`.
    public func apply(
        _ changes: [KernelChange], key: PrivateKey?, presharedKeys: [String: PresharedKeys] = [:]
    ) async -> [Result<Void, WireGuardError>] {
        var results = [Result<Void, WireGuardError>](repeating: .failure(.notAWireGuardChange), count: changes.count)
        for plan in DevicePlan.gather(changes) {
            let presharedKeys = presharedKeys[plan.interface]
            let whole = outcome(of: plan, key: key, presharedKeys: presharedKeys)
            let isWorthSplitting: Bool
            switch whole {
            case .failure(.refused), .failure(.portInUse), .failure(.keyMissing), .failure(.keyMismatch),
                .failure(.presharedKeyMissing):
                isWorthSplitting = plan.changes.count > 1
            default: isWorthSplitting = false
            }
            for (position, index) in plan.indices.enumerated() {
                guard isWorthSplitting else {
                    results[index] = whole
                    continue
                }
                let single = DevicePlan(
                    interface: plan.interface, indices: [index], changes: [plan.changes[position]])
                results[index] = outcome(of: single, key: key, presharedKeys: presharedKeys)
            }
        }
        return results
    }

    /// Starts wireguard-go for `interface` and waits until it answers; does nothing when it already does.
    ///
    /// It outlives this process. The socket of one that died is removed first.
    /// - Throws: `WireGuardError.unsupported` when it is not installed, `.interfaceTaken` when something else has the
    ///   name, `.foreignSocket`, `.startFailed`, `.timedOut`.
    public func startUserspace(_ interface: String) async throws(WireGuardError) { try program.start(interface) }

    /// Ends the wireguard-go of `interface` by removing its socket, and waits until its link is gone; does nothing when
    /// none runs. Only for our own interfaces.
    ///
    /// - Throws: `WireGuardError.timedOut`, `.refused`, `.foreignSocket`.
    public func stopUserspace(_ interface: String) async throws(WireGuardError) { try program.stop(interface) }

    private func outcome(
        of plan: DevicePlan, key: PrivateKey?, presharedKeys: PresharedKeys?
    ) -> Result<Void, WireGuardError> {
        do throws(WireGuardError) {
            if let known = hung[plan.interface], known.until > .now { throw known.error }
            let transport = try transport(of: plan.interface)
            let needsThrowaway = plan.takesAllowedIPsAway && !takesAllowedIPsAway(transport)
            let configuration = try plan.configuration(
                key: key, presharedKeys: presharedKeys, throwaway: needsThrowaway ? throwaway() : nil)
            writeCount.add(1, ordering: .relaxed)
            do throws(WireGuardError) {
                #if DEBUG
                    try SetFault.strike(configuration, by: transport)
                #endif
                try transport.configure(configuration)
            } catch .refused(_, _, EINVAL, _) where plan.takesAllowedIPsAway && !needsThrowaway {
                // It does not support the flag, although its policy lists it.
                kernelTakesAllowedIPsAway = false
                writeCount.add(1, ordering: .relaxed)
                try transport.configure(
                    try plan.configuration(key: key, presharedKeys: presharedKeys, throwaway: throwaway()))
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Determined once, when it is first needed.
    private func takesAllowedIPsAway(_ transport: any DeviceTransport) -> Bool {
        guard transport is KernelTransport else { return transport.takesAllowedIPsAway() ?? false }
        kernelTakesAllowedIPsAway = kernelTakesAllowedIPsAway ?? transport.takesAllowedIPsAway()
        return kernelTakesAllowedIPsAway ?? false
    }

    /// A public key without a known private key.
    private func throwaway() throws(WireGuardError) -> PublicKey {
        do throws(KeyStoreError) { return try PrivateKey.generate().publicKey } catch { throw .outOfMemory }
    }

    /// The link's kind decides. A socket of its name proves nothing: it can belong to another network namespace.
    private func transport(of interface: String) throws(WireGuardError) -> any DeviceTransport {
        try checkInterfaceName(interface)
        switch try kernel.kind(of: interface) {
        case "wireguard": return kernel
        case "tun": return userspace
        default: throw .noDevice(interface: interface)
        }
    }
}
