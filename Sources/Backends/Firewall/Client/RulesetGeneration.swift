internal import CLinux
internal import Netlink

// nfnetlink.h and nf_tables.h of include/uapi/linux/netfilter.

/// `nlmsg_type`: the subsystem, then the message.
enum RulesetMessage {
    static func type(_ message: nf_tables_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(message.rawValue)
    }

    static let newGeneration = type(NFT_MSG_NEWGEN)
    static let getGeneration = type(NFT_MSG_GETGEN)
    static let deletions = [type(NFT_MSG_DELTABLE), type(NFT_MSG_DELCHAIN), type(NFT_MSG_DELRULE)]
}

/// The version of the ruleset, and the program that made it.
struct RulesetGeneration {
    var id: UInt32 = 0
    var program = ""

    init(_ message: ReceivedMessage) throws {
        var attributes = message.attributes(after: nfgenmsg.self)
        while let type = attributes.next() {
            switch type {
            case UInt16(NFTA_GEN_ID.rawValue): id = attributes.integer(UInt32.self).bigEndian
            case UInt16(NFTA_GEN_PROC_NAME.rawValue): program = attributes.string()
            default: break
            }
        }
        try attributes.check()
    }
}

extension NetlinkSocket {
    /// A number that increases with each transaction in this network namespace, by any program.
    func rulesetGeneration() throws -> UInt32 {
        let request = NetlinkMessage(type: RulesetMessage.getGeneration, header: nfgenmsg())
        return try get(request, "read the generation of the nftables ruleset") { try RulesetGeneration($0).id }
    }
}
