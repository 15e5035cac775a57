internal import Manifest
internal import ManifestWatch
internal import Resources

/// The manifests that a lab starts from, read and judged as every daemon does it.
public struct LabManifests: Sendable {
    /// One for each live Node, sorted by name.
    public let nodes: [LabNode]
    /// What was refused, a mistake each: the daemons will say the same.
    public let complaints: [String]

    /// Reads one complete, stable snapshot of the directory.
    ///
    /// - Throws: `LabError.badManifestDirectory` when it cannot be read as a whole, `.noNodes` with what was refused.
    public init(directory: String) async throws {
        let directory = try ManifestPlace.absolute(directory)
        let source = ManifestSource(directory: directory, trust: .warning)
        var files: [ManifestFile] = []
        switch await source.updates().first(where: { _ in true }) {
        case .snapshot(let snapshot):
            files = Self.files(snapshot)
        case .unavailable(let reason):
            throw LabError.badManifestDirectory(path: directory, reason: "cannot be read: \(reason)")
        case nil:
            throw LabError.badManifestDirectory(path: directory, reason: "cannot be read")
        }
        var acceptor = try Acceptor()
        self.init(acceptor.accept(files, lastGood: []))
        if nodes.isEmpty { throw LabError.noNodes(path: directory, complaints: complaints) }
    }

    static func files(_ snapshot: [SourceFile]) -> [ManifestFile] {
        snapshot.map { file in
            switch file.contents {
            case .bytes(let bytes): ManifestFile(path: file.path, contents: .bytes(bytes))
            case .unreadable(let reason): ManifestFile(path: file.path, contents: .unreadable(reason: reason))
            }
        }
    }

    /// What a lab needs of what was accepted.
    init(_ accepted: AcceptedSet) {
        nodes = accepted.live.nodes.map(LabNode.init).sorted { $0.name < $1.name }
        // A node without a public key is accepted with that reason: a lab makes its key.
        let refused = accepted.acceptances.filter { $0.status == .false && $0.reason != Reason.publicKeyMissing }
        complaints = accepted.fileErrors.map(\.message) + refused.map { "\($0.key): \($0.reason): \($0.message)" }
    }
}
