internal import Descriptors
internal import Glibc

/// Why an exchange over a Unix socket failed.
public struct UnixHTTPError: Error, Hashable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// ENOENT: nothing has made the socket.
        case socketMissing
        /// ECONNREFUSED: the file is there and nobody listens.
        case connectionRefused
        /// EACCES or EPERM.
        case permissionDenied
        /// EAGAIN from connect(2): the listener's queue is full, so it takes no connections.
        case listenerBusy
        /// The deadline passed; seconds.
        case timedOut(seconds: Double)
        /// The peer closed the connection before its answer was complete.
        case closedByPeer
        /// What came is not HTTP/1.1, in the parser's words.
        case malformedMessage(String)
        /// The body is longer than this many bytes.
        case bodyTooLarge(limit: Int)
        /// sun_path holds 107 bytes (unix(7)).
        case pathTooLong
        /// A server answers on this socket already.
        case alreadyListening
        /// Something that is not a socket stands at the path.
        case notASocket
        /// Any other system call, with its errno.
        case systemCall(String, errno: Int32)
    }

    public var reason: Reason
    public var socketPath: String
    /// What was being done: `GET /v1/nodes`, `listen`.
    public var operation: String

    public init(_ reason: Reason, socketPath: String, operation: String) {
        self.reason = reason
        self.socketPath = socketPath
        self.operation = operation
    }

    public var description: String { "\(socketPath): \(operation): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .socketMissing: "there is no such socket; start the service that makes it, or give its path"
        case .connectionRefused: "nobody listens on the socket; start the service"
        case .permissionDenied: "permission denied; run as root, or as a member of the socket's group"
        case .listenerBusy: "the service takes no connections; see whether it hangs, and restart it"
        case .timedOut(let seconds):
            "no answer within \(seconds.formatted) s; see whether the service hangs, and restart it if it does"
        case .closedByPeer: "the service closed the connection before it had answered; see its log"
        case .malformedMessage(let message):
            "what came is not HTTP/1.1 (\(message)); see whether this is the right socket"
        case .bodyTooLarge(let limit): "the body is longer than \(limit) bytes; ask for less at a time"
        case .pathTooLong: "the path is longer than 107 bytes; use a shorter one"
        case .alreadyListening: "another process listens on the socket; stop it first, or use another path"
        case .notASocket: "something that is not a socket stands there; remove it, or use another path"
        case .systemCall(let call, let errno): "\(call): \(SystemError.text(of: errno))"
        }
    }
}

extension Double {
    fileprivate var formatted: String {
        self == rounded() && magnitude < 1e9 ? String(Int(self)) : String((self * 1000).rounded() / 1000)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
