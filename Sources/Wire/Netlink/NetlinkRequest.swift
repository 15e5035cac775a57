internal import CLinux
internal import CMnl
internal import Glibc

extension NetlinkSocket {
    /// Asks for a change and waits for the kernel's word on it. Counted in `writes`.
    ///
    /// - Throws: `NetlinkError` with the kernel's reason.
    public func perform(_ message: NetlinkMessage, _ operation: @autoclosure () -> String) throws(NetlinkError) {
        if let error = try batch([message], operation()).first ?? nil { throw error }
    }

    /// Asks for one thing; `body` sees the answer.
    ///
    /// - Throws: `NetlinkError` (`ENODEV`, `ENOENT`… when there is no such thing), and what `body` throws.
    public func get<Result>(
        _ message: NetlinkMessage, _ operation: String, _ body: (ReceivedMessage) throws -> Result
    ) throws -> Result {
        let sequence = nextSequences(1)
        // With an ack behind the answer, none is ever left over for the next request.
        try send(message, sequence: sequence.lowerBound, flags: NLM_F_REQUEST | NLM_F_ACK, operation)
        var result: Swift.Result<Result, any Error>?
        var isAcknowledged = false
        while !isAcknowledged {
            try receive(answering: sequence, operation) { answer in
                if answer.type == NLMSG_ERROR {
                    isAcknowledged = true
                    if let error = acknowledgement(answer, operation) { throw error }
                } else if result == nil {
                    result = Swift.Result { try body(answer) }
                }
            }
        }
        guard let result else {
            throw NetlinkError(code: EBADMSG, operation: operation, message: "the kernel sent no answer")
        }
        return try result.get()
    }

    /// Asks for a whole table. A dump that the kernel says was torn (`NLM_F_DUMP_INTR`) is thrown away and asked for
    /// again, so `body` starts from `initial` each time.
    ///
    /// - Parameters:
    ///   - attempts: how often a torn dump is asked for in all.
    ///   - wipes: overwrites each datagram once it was read, for dumps that hold secrets.
    /// - Throws: `NetlinkError` (`EINTR` when every attempt was torn), and what `body` throws.
    public func dump<State>(
        _ message: NetlinkMessage, _ operation: String, into initial: @autoclosure () -> State, attempts: Int = 8,
        wipes: Bool = false, _ body: (inout State, ReceivedMessage) throws -> Void
    ) throws -> State {
        #if DEBUG
            if RequestFault.befalling(0) != nil { throw NetlinkError(code: ENOBUFS, operation: operation) }
        #endif
        for _ in 0..<attempts {
            if let state = try dumpOnce(message, operation, into: initial(), wipes: wipes, body) { return state }
        }
        throw NetlinkError(code: EINTR, operation: operation, message: "the dump was interrupted \(attempts) times")
    }

    /// nil when the dump was torn.
    private func dumpOnce<State>(
        _ message: NetlinkMessage, _ operation: String, into initial: State, wipes: Bool,
        _ body: (inout State, ReceivedMessage) throws -> Void
    ) throws -> State? {
        let sequence = nextSequences(1)
        try send(message, sequence: sequence.lowerBound, flags: NLM_F_REQUEST | NLM_F_DUMP, operation)
        var state = initial
        var isDone = false
        var isTorn = false
        // Read on to the end after a failure: the kernel runs one dump per socket at a time.
        var failure: (any Error)?
        while !isDone {
            defer { if wipes { wipeBuffer() } }
            try receive(answering: sequence, operation) { answer in
                if answer.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isTorn = true }
                switch Int32(answer.type) {
                case NLMSG_DONE, NLMSG_ERROR:
                    isDone = true
                    if failure == nil { failure = acknowledgement(answer, operation) }
                default:
                    guard failure == nil, !isTorn else { break }
                    do { try body(&state, answer) } catch { failure = error }
                }
            }
        }
        if isTorn { return nil }
        if let failure { throw failure }
        return state
    }

    private func send(
        _ message: NetlinkMessage, sequence: UInt32, flags: Int32, _ operation: String
    ) throws(NetlinkError) {
        var bytes: [UInt8] = []
        try append(message, sequence: sequence, flags: flags, to: &bytes, operation)
        try send(bytes, operation)
    }

    func append(
        _ message: NetlinkMessage, sequence: UInt32, flags: Int32, to datagram: inout [UInt8], _ operation: String
    ) throws(NetlinkError) {
        if let error = message.buildError {
            throw NetlinkError(code: EMSGSIZE, operation: operation, message: error.description)
        }
        let start = datagram.count
        datagram += message.bytes
        datagram.withUnsafeMutableBytes { bytes in
            // struct nlmsghdr: length, type, flags, sequence, port.
            let given = bytes.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self)
            bytes.storeBytes(of: given | UInt16(flags), toByteOffset: start + 6, as: UInt16.self)
            bytes.storeBytes(of: sequence, toByteOffset: start + 8, as: UInt32.self)
        }
    }

    /// What an `NLMSG_ERROR` or `NLMSG_DONE` says; nil is success.
    func acknowledgement(_ answer: ReceivedMessage, _ operation: String) -> NetlinkError? {
        guard let code = answer.header(Int32.self) else {
            return answer.type == NLMSG_DONE
                ? nil : NetlinkError(code: EBADMSG, operation: operation, message: "an acknowledgement was cut off")
        }
        guard code != 0 else { return nil }
        var rest = answer.payload.dropFirst(4)
        if answer.type == NLMSG_ERROR, let request = answer.payload.dropFirst(4).header(nlmsghdr.self) {
            // The request's header, and its payload too unless capped.
            let isCapped = answer.flags & UInt16(NLM_F_CAPPED) != 0
            let length = isCapped ? MemoryLayout<nlmsghdr>.size : Int(request.nlmsg_len)
            rest = rest.dropFirst((length + 3) & ~3)
        }
        let words = answer.flags & UInt16(NLM_F_ACK_TLVS) != 0 ? ExtendedAck(rest) : nil
        return NetlinkError(code: -code, operation: operation, message: words?.message, offset: words?.offset)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func header<Header: BitwiseCopyable>(_: Header.Type) -> Header? {
        guard count >= MemoryLayout<Header>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }
}
