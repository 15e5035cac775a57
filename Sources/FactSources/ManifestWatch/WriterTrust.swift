/// Who may be able to write the manifest directory, itself or by way of a directory above it.
public enum WriterTrust: Sendable, Hashable {
    /// Nobody but root and the directory's owner: where others can, there is no snapshot.
    case strict
    /// `strict` once nobody else could write it; a warning until then. For hosts whose directory an earlier release
    /// accepted.
    case strictOnceSecure
    /// Anybody, with a warning. For a lab, whose manifests are an author's checkout.
    case warning
    /// Anybody, also for files, without a check. For programs that read an author's checkout.
    case anybody
}

/// Who can write a source's directory.
public struct SourceSecurity: Sendable, Hashable {
    /// Why somebody else could change its contents, with the remedy; nil when nobody could, or it was not checked.
    public var fault: String?
    /// Whether a scan has found that nobody else can write it.
    public var wasSecure: Bool

    public init(fault: String? = nil, wasSecure: Bool = false) {
        self.fault = fault
        self.wasSecure = wasSecure
    }
}
