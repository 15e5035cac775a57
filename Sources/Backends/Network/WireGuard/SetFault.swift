#if DEBUG
    internal import Glibc
    internal import Synchronization

    /// In debug builds, makes sets of peers fail half-way, to test what remains. `WGD_FAIL_SETS=N` does it for the
    /// first N, alternately without an answer and with a refusal.
    enum SetFault {
        private static let limit = getenv("WGD_FAIL_SETS").flatMap { Int(String(cString: $0)) } ?? 0
        private static let passed = Atomic(0)

        /// Applies the first half of the peers and throws, if this set is to fail.
        static func strike(
            _ configuration: DeviceConfiguration, by transport: any DeviceTransport
        ) throws(WireGuardError) {
            guard limit > 0, !configuration.peers.isEmpty else { return }
            let number = passed.add(1, ordering: .relaxed).newValue
            guard number <= limit else { return }
            var half = configuration
            half.peers.removeLast((half.peers.count + 1) / 2)
            try transport.configure(half)
            let interface = configuration.interface
            guard number.isMultiple(of: 2) else { throw .timedOut(interface: interface, operation: "set", seconds: 0) }
            throw .refused(interface: interface, operation: "set", code: ENOBUFS, detail: "WGD_FAIL_SETS")
        }
    }
#endif
