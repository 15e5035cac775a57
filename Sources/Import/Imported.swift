public import Manifest

/// What became of configuration that was written for another program.
public struct Imported: Hashable, Sendable {
    /// One resource.
    public struct File: Hashable, Sendable {
        /// `overlay-NAME.yaml`, or `NODE.yaml`.
        public var name: String
        /// One YAML document, without `---`.
        public var text: String
    }

    /// The overlay, then the nodes by name.
    public var files: [File]
    /// What did not translate, and what to do instead: `FILE:LINE:COLUMN: key: reason, remedy`, in the order of the
    /// places. No value of a private or preshared key is in it.
    public var report: [ManifestError]

    /// All resources as one text, separated by `---`.
    public var stream: String { files.map(\.text).joined(separator: "---\n") }
}

/// Why nothing could be imported at all.
public struct ImportFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence with its remedy; it may begin with `FILE: `.
    public var description: String

    init(_ description: String) { self.description = description }
}
