/// Who may be able to write the manifest directory, itself or by way of a directory above it.
public enum WriterTrust: Sendable, Hashable {
    /// Nobody but root and the directory's owner: where others can, there is no snapshot.
    case strict
    /// As `strict` once that was so; until then it is only told. For a host whose directory an earlier release accepted.
    case strictOnceSecure
    /// Whoever can: it is only told. For a lab, whose manifests are an author's checkout.
    case warning
    /// Whoever can, and nobody asks, of files neither: for programs that look at an author's checkout.
    case anybody
}

/// What a source says of who can write its directory.
public struct SourceSecurity: Sendable, Hashable {
    /// Why somebody else could change what it holds, with the remedy; nil when nobody could, or it was not asked.
    public var fault: String?
    /// Whether a look has found that nobody else can write it.
    public var wasSecure: Bool

    public init(fault: String? = nil, wasSecure: Bool = false) {
        self.fault = fault
        self.wasSecure = wasSecure
    }
}
