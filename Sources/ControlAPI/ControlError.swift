internal import UnixHTTP

/// Why a daemon could not be asked, or would not do what was asked.
public enum ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens on the socket.
    case notRunning(socketPath: String)
    /// Somebody listens and does not answer as wgd does, or may not be asked.
    case noAnswer(String)
    /// The daemon's own words.
    case refused(status: Int, message: String)

    public var description: String {
        switch self {
        case .notRunning(let path): "wgd is not running (nobody listens on \(path)); start it, or give its --socket"
        case .noAnswer(let reason): "wgd does not answer: \(reason)"
        case .refused(_, let message): message
        }
    }

    init(_ error: UnixHTTPError) {
        switch error.reason {
        case .socketMissing, .connectionRefused: self = .notRunning(socketPath: error.socketPath)
        default: self = .noAnswer("\(error)")
        }
    }
}
