internal import CLinux
internal import Descriptors
internal import HostState
internal import Netlink
internal import Synchronization

/// Turns nftables' notifications into hints: changes of our table, and deletions of Podman's rules.
final class RulesetMonitor: Sendable {
    /// Only the newest hint is kept, because one is enough.
    let hints: AsyncStream<String>
    private let source: Mutex<ReadSource?>
    /// How long a rival is remembered, as for rtnetlink's rivals.
    private static let memory = Duration.seconds(60)
    /// The last program that changed our table, except `nft`, which we use as well.
    private let lastProgram = Mutex<(name: String, at: ContinuousClock.Instant)?>(nil)
    private let continuation: AsyncStream<String>.Continuation

    /// - Throws: `NetlinkError` when the kernel has no nftables.
    init(receiveBuffer: Int32 = 1 << 20) throws {
        let socket = try MulticastSocket(
            .netfilter, groups: [UInt32(NFNLGRP_NFTABLES.rawValue)], receiveBuffer: receiveBuffer)
        let (hints, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        self.hints = hints
        self.continuation = continuation
        source = Mutex(nil)
        // Notifications of one transaction may come in several datagrams; its generation comes last.
        let concern = Mutex<Concern?>(nil)
        let source = ReadSource(
            fileDescriptor: socket.fileDescriptor, label: "nftables notifications",
            onReadable: { [weak self] in
                let reading = socket.drain { message in
                    concern.withLock { concern in
                        guard message.type == RulesetMessage.newGeneration else {
                            if concern != .table { concern = Concern(message) ?? concern }
                            return
                        }
                        if let concern { self?.tell(concern, (try? RulesetGeneration(message))?.program ?? "") }
                        concern = nil
                    }
                }
                if reading == .overflowed { continuation.yield("nftables changed more than the kernel could tell") }
            },
            onCancel: { withExtendedLifetime(socket) {} })
        self.source.withLock { $0 = source }
    }

    deinit { continuation.finish() }

    /// The program that changed our table within the last minute, as far as the kernel has reported it.
    func rival(at now: ContinuousClock.Instant) -> String? {
        lastProgram.withLock { last in last.flatMap { now - $0.at <= RulesetMonitor.memory ? $0.name : nil } }
    }

    private func tell(_ concern: Concern, _ program: String) {
        if concern == .table, program != "nft", !program.isEmpty { lastProgram.withLock { $0 = (program, .now) } }
        continuation.yield("nftables changed" + (program.isEmpty ? "" : " by \(program)"))
    }
}

/// The object of ours that a message concerns.
private enum Concern {
    /// An object of Podman (netavark) was deleted.
    case podmanRules
    case table

    init?(_ message: ReceivedMessage) {
        let isDeletion = RulesetMessage.deletions.contains(message.type)
        var attributes = message.attributes(after: nfgenmsg.self)
        // Tables, chains, rules and sets all name their table first; a rule names its chain second, a chain names
        // itself third.
        while let type = attributes.next(), type <= UInt16(NFTA_CHAIN_NAME.rawValue) {
            let name = attributes.string()
            if type == UInt16(NFTA_TABLE_NAME.rawValue), name == DesiredFirewall.table {
                self = .table
                return
            }
            if isDeletion, name.hasPrefix("NETAVARK") || name == "netavark" {
                self = .podmanRules
                return
            }
        }
        return nil
    }
}
