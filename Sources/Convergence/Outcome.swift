/// The result of one change.
public struct Outcome<Change: HostChange>: Sendable {
    public var change: Change
    /// nil: applied.
    public var failure: Failure?

    public init(_ change: Change, failure: Failure? = nil) {
        self.change = change
        self.failure = failure
    }

    /// - Parameter error: a failure that another attempt may fix; nil: applied.
    public init(_ change: Change, error: String?) {
        self.init(change, failure: error.map { Failure($0) })
    }

    /// Why it was not applied; nil when it was.
    public var error: String? { failure?.description }
}

/// Why a change was not applied.
public struct Failure: Hashable, Sendable, CustomStringConvertible {
    /// Contains no secrets.
    public var text: String
    /// False when another attempt at the same change fails the same way, whatever happens on the host: it is retried
    /// only when the desired state changes, or an operator asks for it.
    public var canRetry: Bool
    /// The reason of its event; nil for `Failed`.
    public var reason: String?

    public init(_ text: String, canRetry: Bool = true, reason: String? = nil) {
        self.text = text
        self.canRetry = canRetry
        self.reason = reason
    }

    public init(_ error: any Error) {
        let judged = error as? any JudgedError
        self.init("\(error)", canRetry: judged?.canRetry ?? true, reason: judged?.eventReason)
    }

    public var description: String {
        canRetry ? text : "\(text); it is tried again when the manifests change, or with `wgctl resync`"
    }
}

/// An error that knows its consequences.
public protocol JudgedError: Error {
    /// As `Failure.canRetry`.
    var canRetry: Bool { get }
    /// As `Failure.reason`.
    var eventReason: String? { get }
}

extension JudgedError {
    public var canRetry: Bool { true }
    public var eventReason: String? { nil }
}
