internal import Descriptors
public import HostState
public import NetAddress
internal import Netlink
internal import Synchronization

/// Our table in nftables, through the program `nft`; the kernel shows whether anything has changed.
///
/// It works in the network namespace of the thread that calls `init`, on a separate thread that stays there.
public actor FirewallClient {
    private let executor: ThreadExecutor
    private let nft: NFTProgram
    private let monitor: RulesetMonitor?
    private var socket: NetlinkSocket?
    private var last: Look?

    /// The last observation, and the generation of the ruleset that it saw.
    private struct Look {
        var generation: UInt32
        var subnets: Set<CIDR>
        var observed: ObservedFirewall
    }

    private nonisolated let writeCount = Atomic(0)

    /// Transactions requested of nftables so far. Reading this does not wait for a program that hangs.
    public nonisolated var writes: Int { writeCount.load(ordering: .relaxed) }

    /// The number of observations that ran the program.
    public private(set) var looks = 0

    /// Runs on the backend's own thread: a program runs in the network namespace of the thread that starts it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter program: `nft`; nil: searched in the usual places each time that it is needed.
    /// - Throws: `SystemError` when no thread can be created. A kernel without nftables is reported when it is used.
    public init(program: String? = nil) throws {
        executor = try ThreadExecutor()
        nft = NFTProgram(path: program)
        monitor = try? RulesetMonitor()
        socket = try? NetlinkSocket(.netfilter)
    }

    /// Reports that somebody, this backend included, changed what `observe` reads. One stream for one consumer.
    public nonisolated var drift: AsyncStream<String> { monitor?.hints ?? AsyncStream { $0.finish() } }

    /// The last program, other than `nft`, that changed our table within the last minute; nil when there is none.
    public nonisolated func rival(at now: ContinuousClock.Instant = .now) -> String? { monitor?.rival(at: now) }

    /// The observed state. No program is run while the kernel reports that the ruleset is unchanged.
    ///
    /// - Parameter subnets: those that Podman's rules must let through.
    /// - Throws: `FirewallError`.
    public func observe(podmanSubnets subnets: Set<CIDR>) throws(FirewallError) -> ObservedFirewall {
        let generation = try generation()
        if let last, last.generation == generation, last.subnets == subnets { return last.observed }
        looks += 1
        var observed = ObservedFirewall(table: try nft.table())
        observed.subnetsWithoutRules = try PodmanRules(nft: nft).missing(of: subnets)
        last = Look(generation: generation, subnets: subnets, observed: observed)
        return observed
    }

    /// Replaces any existing table by ours, in one transaction.
    ///
    /// - Throws: `FirewallError`; then nothing has changed.
    public func replaceTable(_ desired: DesiredFirewall) throws(FirewallError) {
        writeCount.add(1, ordering: .relaxed)
        try nft.run(TableDocument.replacing(with: desired), "replace the table inet \(DesiredFirewall.table)")
    }

    /// - Throws: `FirewallError`; nothing when no table exists.
    public func deleteTable() throws(FirewallError) {
        writeCount.add(1, ordering: .relaxed)
        try nft.run(TableDocument.deleting, "delete the table inet \(DesiredFirewall.table)")
    }

    private func generation() throws(FirewallError) -> UInt32 {
        do {
            let socket = try self.socket ?? NetlinkSocket(.netfilter)
            self.socket = socket
            return try socket.rulesetGeneration()
        } catch let error as NetlinkError {
            throw .kernel(error)
        } catch {
            throw .nft(operation: "read the ruleset's generation", reason: "\(error)")
        }
    }
}
