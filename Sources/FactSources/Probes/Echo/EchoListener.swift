@preconcurrency internal import Dispatch
internal import Glibc
internal import NetAddress

/// A raw socket of an `EchoBatch`, and the queue that reads its replies.
///
/// The buffer is touched on the queue alone, which is why this is Sendable.
final class EchoListener: @unchecked Sendable {
    let descriptor: Int32
    private let family: IPAddress.Family
    private let stamp: EchoStamp
    private let onReplies: @Sendable ([EchoBatch.Reply]) -> Void
    private let source: any DispatchSourceRead
    /// A reply to a request of ours with the longest IP header; what is longer is cut, and is not ours.
    private var buffer = [UInt8](repeating: 0, count: 128)

    init(
        _ family: IPAddress.Family, _ stamp: EchoStamp, _ onReplies: @escaping @Sendable ([EchoBatch.Reply]) -> Void
    ) throws(ProbeError) {
        let descriptor = try EchoSocket.open(family)
        self.descriptor = descriptor
        self.family = family
        self.stamp = stamp
        self.onReplies = onReplies
        source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "echo-batch-ip\(family)"))
        source.setEventHandler { @Sendable [weak self] in self?.receive() }
        source.setCancelHandler { @Sendable in _ = Glibc.close(descriptor) }
        source.activate()
    }

    /// The descriptor is closed once no callback runs.
    func close() { source.cancel() }

    private func receive() {
        var replies: [EchoBatch.Reply] = []
        // At most so many at once, so that a flood does not grow the list without end.
        for _ in 0..<256 {
            var sender = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutableBytes(of: &sender) { raw in
                recvfrom(
                    descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT),
                    raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
            let code = errno
            if count < 0 {
                if code == EAGAIN { break }
                // An ICMP error that the kernel reports here names no request.
                continue
            }
            let number = buffer.withUnsafeBytes {
                stamp.number(in: UnsafeRawBufferPointer(rebasing: $0[..<count]), family)
            }
            guard let number, let address = address(of: sender) else { continue }
            replies.append(EchoBatch.Reply(number: number, sender: address, receivedAt: .now))
        }
        if !replies.isEmpty { onReplies(replies) }
    }

    private func address(of storage: sockaddr_storage) -> IPAddress? {
        withUnsafeBytes(of: storage) { IPAddress(bytes: $0[family == .v4 ? 4..<8 : 8..<24]) }
    }
}
