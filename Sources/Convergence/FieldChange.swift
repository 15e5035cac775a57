/// One field of an object that differs, with its values as texts.
public struct FieldChange: Hashable, Sendable, Codable {
    /// Its name in the manifests where it has one: `env.TZ`, `mtu`.
    public var field: String
    /// nil: it had none.
    public var before: String?
    /// nil: it has none any more.
    public var after: String?

    public init(_ field: String, _ before: String?, _ after: String?) {
        self.field = field
        self.before = before
        self.after = after
    }

    /// As one line: `mtu 1420 -> 1300`.
    public var text: String { "\(field) \(before ?? "none") -> \(after ?? "none")" }

    /// nil when both are the same.
    public init?<Value: Equatable>(_ field: String, from before: Value?, to after: Value?) {
        guard before != after else { return nil }
        self.init(field, before.map { "\($0)" }, after.map { "\($0)" })
    }
}

/// Why an object that cannot be changed in place is deleted and made again.
public struct Replacement<Object: Hashable & Sendable>: Hashable, Sendable {
    /// What differs; empty when it is not known, or when only another object forces the replacement.
    public var fields: [FieldChange]
    /// The object that is replaced or deleted, and on which this one depends; nil when it is replaced for its own sake.
    public var because: Object?

    public init(fields: [FieldChange] = [], because: Object? = nil) {
        self.fields = fields
        self.because = because
    }
}
