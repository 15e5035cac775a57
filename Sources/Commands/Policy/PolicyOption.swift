internal import ArgumentParser
internal import HostPolicy
internal import Manifest
internal import ManifestWatch
internal import Resources
internal import Schema

/// `--policy`, of commands that work without a daemon.
struct PolicyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A HostPolicy (/etc/wgctl/policy.yaml on hosts) that bounds what manifests may ask; without it, nothing does.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var policy: String?

    /// nil without the option.
    ///
    /// - Throws: `CommandFailure` with every mistake in the file.
    func hostPolicy() throws -> HostPolicy? {
        do {
            return try policy.map { try HostPolicy(file: try Self.read($0)) }
        } catch let mistakes as HostPolicy.Mistakes {
            throw CommandFailure(mistakes.description, ExitStatus.couldNotRun)
        } catch let failure as ManifestScan.Failure {
            throw CommandFailure(failure.description.printable, ExitStatus.couldNotRun)
        }
    }

    /// Who may write the file is not asked: permissions of a checkout say nothing of a host's.
    static func read(_ path: String) throws(ManifestScan.Failure) -> ManifestFile {
        ManifestFile(try ManifestScan.file(path))
    }
}

extension SchemaCatalog {
    /// Everything that `wgctl explain` knows: the kinds of manifests and the HostPolicy.
    static func ofEverything() throws -> SchemaCatalog {
        SchemaCatalog(try SchemaCatalog().definitions + [try HostPolicy.definition()])
    }
}
