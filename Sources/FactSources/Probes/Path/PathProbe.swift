public import NetAddress

/// Measures a path: round trips and loss of some echoes, then how long a packet may be.
public struct PathProbe: Sendable {
    public struct Measurement: Hashable, Sendable {
        /// Echo requests that the kernel sent.
        public var sent = 0
        /// Of those that were answered, in the order of sending.
        public var roundTrips: [Duration] = []
        /// nil when no echo was answered, or the kernel knows no route.
        public var mtu: MTU?
        /// Why the kernel sent none.
        public var error: ProbeError?

        public init() {}
    }

    /// Bytes of an IP packet.
    public struct MTU: Hashable, Sendable {
        /// The kernel's path MTU after all probes: senders make packets this long.
        public var promised: Int
        /// What came through; nil when not even `PathMTUSearch.leastMTU` did.
        public var carried: Int?

        public init(promised: Int, carried: Int?) {
            self.promised = promised
            self.carried = carried
        }
    }

    private let echo: EchoProbe
    private let count: Int
    private let timeout: Duration
    private let pace: @Sendable () async -> Void

    /// How long after an echo the next one goes out, answered or not.
    static let interval: Duration = .milliseconds(100)
    /// A size that three packets in a row did not pass, does not pass: one may be lost for other reasons.
    static let tries = 3

    /// - Parameters:
    ///   - count: echoes, at least 1.
    ///   - timeout: how long each reply may take.
    ///   - pace: waits until one more packet may go out.
    public init(_ echo: EchoProbe, count: Int, timeout: Duration, pace: @escaping @Sendable () async -> Void) {
        self.echo = echo
        self.count = count
        self.timeout = timeout
        self.pace = pace
    }

    public func measure(_ destination: IPAddress, from source: IPAddress?) async -> Measurement {
        var measurement = await echoes(destination, source)
        guard let slowest = measurement.roundTrips.max() else { return measurement }
        // A reply to a long packet takes no longer than that, and most sizes that do not pass cost all of it.
        let patience = min(timeout, max(slowest * 8, .milliseconds(300)))
        measurement.mtu = await mtu(destination, source, patience)
        return measurement
    }

    private func echoes(_ destination: IPAddress, _ source: IPAddress?) async -> Measurement {
        await withTaskGroup(of: (Int, Result<Duration?, ProbeError>).self) { group in
            for number in 0..<count {
                group.addTask {
                    try? await Task.sleep(for: PathProbe.interval * number)
                    await pace()
                    return (number, await ping(destination, source, timeout: timeout))
                }
            }
            var answers: [(Int, Result<Duration?, ProbeError>)] = []
            for await answer in group { answers.append(answer) }
            var measurement = Measurement()
            for (_, answer) in answers.sorted(by: { $0.0 < $1.0 }) {
                switch answer {
                case .success(let roundTrip):
                    measurement.sent += 1
                    if let roundTrip { measurement.roundTrips.append(roundTrip) }
                case .failure(let error): measurement.error = error
                }
            }
            return measurement
        }
    }

    private func mtu(_ destination: IPAddress, _ source: IPAddress?, _ patience: Duration) async -> MTU? {
        guard var promised = await promise(destination) else { return nil }
        var search = PathMTUSearch(promised: promised)
        while let size = search.next, !Task.isCancelled {
            search.note(size, passes: await passes(size, destination, source, patience))
            guard let learned = await promise(destination), learned < promised else { continue }
            // A router reported its MTU: other senders get that report too, and lose nothing.
            promised = learned
            search = PathMTUSearch(promised: learned)
        }
        return MTU(promised: promised, carried: search.carried)
    }

    private func passes(
        _ size: Int, _ destination: IPAddress, _ source: IPAddress?, _ patience: Duration
    ) async -> Bool {
        for _ in 0..<PathProbe.tries {
            await pace()
            switch await ping(destination, source, size: size, timeout: patience) {
            case .success(.some): return true
            // Longer than the interface sends.
            case .failure: return false
            case .success(.none): if let learned = await promise(destination), learned < size { return false }
            }
        }
        return false
    }

    private func ping(
        _ destination: IPAddress, _ source: IPAddress?, size: Int = 0, timeout: Duration
    ) async -> Result<Duration?, ProbeError> {
        do throws(ProbeError) {
            return .success(try await echo.ping(destination, from: source, size: size, timeout: timeout))
        } catch {
            return .failure(error)
        }
    }

    private func promise(_ destination: IPAddress) async -> Int? {
        do { return try await echo.kernelPathMTU(to: destination) } catch { return nil }
    }
}
