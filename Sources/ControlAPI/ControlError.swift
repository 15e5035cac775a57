internal import UnixHTTP

/// Why a daemon could not be asked, or would not do what was asked.
public enum ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens on the socket.
    case notRunning(socketPath: String)
    /// The socket, or a directory above it, is not for this user.
    case forbidden(socketPath: String)
    /// Somebody listens and does not answer as wgd does.
    case noAnswer(String)
    /// The daemon is of a release whose answers this one does not understand.
    case otherRelease(socketPath: String, daemon: String)
    /// The daemon's own words.
    case refused(status: Int, message: String)

    public var description: String {
        switch self {
        case .notRunning(let path): "cannot reach wgd at \(path): nobody listens there; start wgd, or give its --socket"
        case .forbidden(let path):
            "no permission to ask wgd at \(path): run wgctl as root, or as a member of the socket's group "
                + "(wgd --socket-group)"
        case .noAnswer(let reason): "wgd does not answer: \(reason)"
        case .otherRelease(let path, let daemon): Self.text(path, daemon: daemon)
        case .refused(_, let message): message
        }
    }

    /// Whether nobody could be asked, so that the records are the next best source. A daemon that refuses, or is of
    /// another release, is there: its records would only hide that.
    public var isSilence: Bool {
        switch self {
        case .notRunning, .noAnswer: true
        case .forbidden, .otherRelease, .refused: false
        }
    }

    private static func text(_ path: String, daemon: String) -> String {
        let ours = ProgramVersion.current
        let both = "wgd on \(path) is version \(daemon), this wgctl is \(ours)"
        return switch ProgramVersion.compare(daemon, ours) {
        case ..<0: "\(both): wgd is older; restart it to run the installed release (systemctl restart wgd)"
        case 1...: "\(both): this wgctl is older; use the one that was installed with wgd"
        default: "\(both), but of another build; use the wgctl that was installed with wgd, or restart wgd"
        }
    }

    init(_ error: UnixHTTPError) {
        switch error.reason {
        case .socketMissing, .connectionRefused: self = .notRunning(socketPath: error.socketPath)
        case .permissionDenied: self = .forbidden(socketPath: error.socketPath)
        default: self = .noAnswer("\(error)")
        }
    }
}
