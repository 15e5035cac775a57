internal import CLinux
internal import Descriptors
internal import HostState
internal import Netlink
internal import Synchronization

/// Turns nftables' notifications into hints: what concerns our table, and what goes of Podman's rules.
final class RulesetMonitor: Sendable {
    /// What is waiting to be heard; the newest says it all.
    let hints: AsyncStream<String>
    private let source: Mutex<ReadSource?>
    /// How long what was seen counts, as it does for rtnetlink's rivals.
    private static let memory = Duration.seconds(60)
    /// The last program but `nft`, which is ours too, that changed our table.
    private let lastProgram = Mutex<(name: String, at: ContinuousClock.Instant)?>(nil)
    private let continuation: AsyncStream<String>.Continuation

    /// - Throws: `NetlinkError` where the kernel has no nftables.
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

    /// Who changed our table within the last minute, as far as the kernel has told.
    func rival(at now: ContinuousClock.Instant) -> String? {
        lastProgram.withLock { last in last.flatMap { now - $0.at <= RulesetMonitor.memory ? $0.name : nil } }
    }

    private func tell(_ concern: Concern, _ program: String) {
        if concern == .table, program != "nft", !program.isEmpty { lastProgram.withLock { $0 = (program, .now) } }
        continuation.yield("nftables changed" + (program.isEmpty ? "" : " by \(program)"))
    }
}

/// What of ours a message is about.
private enum Concern {
    /// Something of Podman's (netavark's) goes.
    case podmanRules
    case table

    init?(_ message: ReceivedMessage) {
        let isDeletion = RulesetMessage.deletions.contains(message.type)
        var attributes = message.attributes(after: nfgenmsg.self)
        // Tables, chains, rules and sets all name their table first; a rule names its chain second, a chain itself third.
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
