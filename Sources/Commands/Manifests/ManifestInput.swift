internal import Foundation
internal import HostPolicy
internal import Manifest
internal import ManifestWatch
internal import Resources

/// The manifests that the words of a command line name: files, directories, `-` for standard input. All are one set.
struct ManifestInput {
    static let standardInputName = "<stdin>"

    /// Paths begin as they were typed.
    var files: [ManifestFile]

    /// Blocks while it reads.
    ///
    /// - Throws: `CommandFailure` when something that was named cannot be read, or holds no manifest.
    init(paths: [String]) throws {
        var found: [String: ManifestFile] = [:]
        for path in paths {
            let files = try Self.read(path)
            if files.isEmpty {
                throw CommandFailure("\(path.printable): no manifest (*.yaml, *.yml) is there", ExitStatus.couldNotRun)
            }
            for file in files { found[file.path] = file }
        }
        files = found.values.sorted { $0.path < $1.path }
    }

    /// Judged as a daemon without history would.
    ///
    /// - Parameters:
    ///   - policy: what it does not allow is among the findings.
    ///   - node: the host whose policy it is; nil: every host's.
    func accepted(policy: HostPolicy? = nil, node: String? = nil) throws -> AcceptedSet {
        var acceptor = try Acceptor()
        var accepted = acceptor.accept(files, lastGood: [])
        guard let policy else { return accepted }
        let nodes = node.map { [$0] } ?? accepted.live.nodes.map(\.metadata.name)
        let violations = Set(nodes.flatMap { policy.judge(accepted.live, node: $0).violations.values.joined() })
        accepted.findings += violations.map { violation in
            let error = acceptor.error(
                at: violation.path, of: violation.resource, in: accepted, violation.reason, remedy: violation.remedy)
            return Finding(resource: violation.resource, reason: Reason.policyViolation, error: error)
        }
        accepted.findings.sort()
        return accepted
    }

    private static func read(_ path: String) throws -> [ManifestFile] {
        if path == "-" {
            let bytes = [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
            return [ManifestFile(path: standardInputName, contents: .bytes(bytes))]
        }
        do throws(ManifestScan.Failure) {
            guard try ManifestScan.isDirectory(path) else { return [ManifestFile(try ManifestScan.file(path))] }
            return try directory(path).map { file in
                var file = file
                file.path = prefix(of: path) + file.path
                return file
            }
        } catch {
            throw CommandFailure(error.description.printable, ExitStatus.couldNotRun)
        }
    }

    /// The manifests below a directory, their paths relative to it, as a daemon has them.
    static func directory(_ path: String) throws(ManifestScan.Failure) -> [ManifestFile] {
        try ManifestScan.files(below: path).map(ManifestFile.init)
    }

    /// What stands before the paths of a directory's files: nothing for `.`, else the directory with one slash.
    static func prefix(of directory: String) -> String {
        var trimmed = directory[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        return trimmed == "." ? "" : trimmed == "/" ? "/" : trimmed + "/"
    }
}

extension ManifestFile {
    init(_ file: SourceFile) {
        switch file.contents {
        case .bytes(let bytes): self.init(path: file.path, contents: .bytes(bytes))
        case .unreadable(let reason): self.init(path: file.path, contents: .unreadable(reason: reason))
        }
    }
}
