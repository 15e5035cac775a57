/// The result of one change.
public struct Outcome<Change: HostChange>: Sendable {
    public var change: Change
    /// nil: applied. Otherwise the error's text, without secrets.
    public var error: String?

    public init(_ change: Change, error: String? = nil) {
        self.change = change
        self.error = error
    }
}
