internal import CLinux
internal import Glibc

extension NetlinkSocket {
    /// Bounds what the refusals of one batch take: a refusal costs about 1.3 KiB of the receive buffer.
    private static let maximumMessages = 1024

    /// Asks for many changes, up to 64 KiB of them in each system call, in order. Counted in `writes`, one by one.
    ///
    /// The kernel goes on past a message that it refuses, and says so for each; only the last of a system call is
    /// acknowledged when it succeeds.
    ///
    /// - Returns: for each message its refusal, or nil for success.
    /// - Throws: `NetlinkError` when the answers are lost (`ENOBUFS`, `ETIMEDOUT`): what was applied is unknown, so
    ///   look again.
    public func batch(
        _ messages: [NetlinkMessage], _ operation: @autoclosure () -> String
    ) throws(NetlinkError) -> [NetlinkError?] {
        let operation = operation()
        var results: [NetlinkError?] = []
        results.reserveCapacity(messages.count)
        var next = 0
        while next < messages.count {
            let end = end(of: messages, from: next)
            do {
                results += try transact(messages[next..<end], operation)
            } catch let error as NetlinkError {
                throw error
            } catch {
                throw NetlinkError(code: EBADMSG, operation: operation, message: "\(error)")
            }
            next = end
        }
        return results
    }

    /// The index behind the last message that still fits one send.
    private func end(of messages: [NetlinkMessage], from start: Int) -> Int {
        var size = 0
        var end = start
        while end < messages.count, end - start < NetlinkSocket.maximumMessages {
            size += messages[end].count
            if size > NetlinkMessage.maximumLength, end > start { break }
            end += 1
        }
        return end
    }

    private func transact(_ messages: ArraySlice<NetlinkMessage>, _ operation: String) throws -> [NetlinkError?] {
        #if DEBUG
            switch RequestFault.befalling(messages.count) {
            case .lost(let count):
                if count > 0 { _ = try exchange(messages.prefix(count), operation) }
                throw NetlinkError(code: ENOBUFS, operation: operation)
            case .unanswered:
                _ = try exchange(messages, operation)
                throw NetlinkError(code: ETIMEDOUT, operation: operation)
            case nil: break
            }
        #endif
        return try exchange(messages, operation)
    }

    private func exchange(_ messages: ArraySlice<NetlinkMessage>, _ operation: String) throws -> [NetlinkError?] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(NetlinkMessage.maximumLength, messages.reduce(0) { $0 + $1.count }))
        let sequences = nextSequences(messages.count)
        for (offset, message) in messages.enumerated() {
            let sequence = sequences.lowerBound + UInt32(offset)
            let acknowledge = sequence == sequences.upperBound ? NLM_F_ACK : 0
            try append(message, sequence: sequence, flags: NLM_F_REQUEST | acknowledge, to: &bytes, operation)
        }
        // A request may hold a key; its copy here is nobody else's to wipe.
        defer {
            bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
        }
        try send(bytes, operation)
        writes += messages.count
        var results = [NetlinkError?](repeating: nil, count: messages.count)
        var isAcknowledged = false
        while !isAcknowledged {
            try receive(answering: sequences, operation) { answer in
                guard answer.type == NLMSG_ERROR else { return }
                results[Int(answer.sequence - sequences.lowerBound)] = acknowledgement(answer, operation)
                if answer.sequence == sequences.upperBound { isAcknowledged = true }
            }
        }
        return results
    }
}
