internal import Descriptors
internal import Glibc

/// What the kernel refused, or what went wrong on the way to it.
public struct NetlinkError: Error, Hashable, Sendable {
    /// The value of `errno`: the kernel's answer, or `ETIMEDOUT` (no answer), `EBADMSG` (an answer that does not
    /// parse), `EMSGSIZE` (a request too long), `EINTR` (a dump that was torn each time), `ENOBUFS` (answers lost).
    public var code: Int32
    /// What was tried: `add route 10.0.0.20/32 dev wg0`.
    public var operation: String
    /// The kernel's own words (`NLMSGERR_ATTR_MSG` of the extended ack).
    public var message: String?
    /// Where in the request the offending attribute begins, in bytes (`NLMSGERR_ATTR_OFFS`).
    public var offset: UInt32?

    public init(code: Int32, operation: String, message: String? = nil, offset: UInt32? = nil) {
        self.code = code
        self.operation = operation
        self.message = message
        self.offset = offset
    }

    init(_ error: SystemError) { self.init(code: error.code, operation: error.operation) }
}

extension NetlinkError: CustomStringConvertible {
    public var description: String {
        let reason = SystemError.text(of: code)
        let words = message.map { "\($0) (\(reason))" } ?? reason
        let place = offset.map { ", at byte \($0) of the request" } ?? ""
        return "\(operation): \(words)\(place)" + (remedy.map { "; \($0)" } ?? "")
    }

    private var remedy: String? {
        switch code {
        case EINTR: "the tables change faster than they can be read: try again"
        case ETIMEDOUT: "the kernel did not answer: try again"
        default: SystemError.remedy(for: code)
        }
    }
}

/// Reads the TLVs behind an `NLMSG_ERROR` or `NLMSG_DONE` (Documentation/userspace-api/netlink/intro.rst).
struct ExtendedAck {
    /// include/uapi/linux/netlink.h, enum nlmsgerr_attrs.
    private static let message: UInt16 = 1
    private static let offset: UInt16 = 2

    var message: String?
    var offset: UInt32?

    init(_ bytes: ArraySlice<UInt8>) {
        var attributes = AttributeDecoder(bytes)
        while let type = attributes.next() {
            switch type {
            case ExtendedAck.message: message = attributes.string()
            case ExtendedAck.offset: offset = attributes.integer(UInt32.self)
            default: break
            }
        }
    }
}
