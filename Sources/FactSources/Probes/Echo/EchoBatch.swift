internal import Descriptors
internal import Glibc
public import NetAddress
internal import Synchronization

/// Sends echo requests that nobody waits for, many at a time, and reports the replies to them.
///
/// For many peers that are probed for ever: a request costs one system call, and neither a task nor a timer. The sockets
/// belong to the network namespace of the thread that makes this.
public final class EchoBatch: Sendable {
    public struct Request: Hashable, Sendable {
        /// Comes back in the reply.
        public var number: UInt32
        public var destination: IPAddress
        /// An address of this host, of the same family.
        public var source: IPAddress

        public init(number: UInt32, destination: IPAddress, source: IPAddress) {
            self.number = number
            self.destination = destination
            self.source = source
        }
    }

    public struct Reply: Hashable, Sendable {
        public var number: UInt32
        /// Not verified: the caller knows whom it asked.
        public var sender: IPAddress
        public var receivedAt: ContinuousClock.Instant
    }

    private let listeners: [IPAddress.Family: EchoListener]
    private let packet: Mutex<EchoPacket>

    /// - Parameter onReplies: called on a queue of its own with all replies that have come; must not block.
    public init(onReplies: @escaping @Sendable ([Reply]) -> Void) {
        // Random, so that a reply to another program or an earlier run is not mistaken for one to ours.
        let (identifier, secret) = (UInt16.random(in: 1...UInt16.max), UInt64.random(in: 0...UInt64.max))
        packet = Mutex(EchoPacket(identifier: identifier, secret: secret))
        listeners = IPAddress.Family.allCases.reduce(into: [:]) { listeners, family in
            let stamp = EchoStamp(identifier: identifier, secret: secret)
            listeners[family] = try? EchoListener(family, stamp, onReplies)
        }
    }

    deinit { for listener in listeners.values { listener.close() } }

    /// Sends all of them.
    ///
    /// - Returns: those that could not be sent, with the errno.
    public func send(_ requests: [Request]) -> [(number: UInt32, code: Int32)] {
        packet.withLock { packet in
            requests.compactMap { request in
                guard let socket = listeners[request.destination.family],
                    request.source.family == request.destination.family
                else { return (request.number, EAFNOSUPPORT) }
                let code = packet.send(request, over: socket.descriptor)
                return code == 0 ? nil : (request.number, code)
            }
        }
    }
}

/// What the requests of one `EchoBatch` have in common.
struct EchoStamp: Sendable {
    var identifier: UInt16
    var secret: UInt64

    /// The number of the request that a received packet answers; nil for anything else.
    ///
    /// - Parameter packet: what the raw socket gives: with the IP header for IPv4, without for IPv6.
    func number(in packet: UnsafeRawBufferPointer, _ family: IPAddress.Family) -> UInt32? {
        var start = 0
        if family == .v4 {
            guard let first = packet.first, first >> 4 == 4 else { return nil }
            start = Int(first & 15) * 4
        }
        guard packet.count >= start + EchoPacket.length else { return nil }
        func read<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
            T(bigEndian: packet.loadUnaligned(fromByteOffset: start + offset, as: T.self))
        }
        guard packet[start] == (family == .v4 ? 0 : 129), packet[start + 1] == 0,
            read(UInt16.self, at: 4) == identifier,
            read(UInt64.self, at: 8) == secret, family == .v6 || internetChecksum(packet[start...]) == 0
        else { return nil }
        return read(UInt32.self, at: 16)
    }
}
