internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON
internal import Manifest
internal import ManifestWatch
internal import Resources

/// `wgctl diff`
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what this host would change, and change nothing.",
        discussion: """
            wgd looks at the kernel and at Podman, compares, and stops before it applies. With PATH, the manifests \
            there stand in for its own directory, so give a whole one; without, what wgd itself has outstanding is \
            shown: nothing, when it is done.

              +   added       ~   changed      -   removed
              -/+ replaced    >   done once (an image pulled, an address announced)

            Below what is replaced are the fields that force it. A container that is replaced is stopped, and loses \
            what it wrote outside its volumes; Podman can change no network in place, so a changed one takes its \
            containers along.

            EXAMPLES:
              wgctl diff
              wgctl diff ./manifests
              wgctl diff ./manifests -o json

            EXIT STATUS:
              0   nothing differs
              1   it differs, or deletions wait for confirmation
              2   error: no daemon answers, PATH cannot be read, a manifest is
                  refused, or not everything could be compared (Podman does not
                  answer)
              64  wrong command line
            """)

    @Argument(help: "A directory of manifests in place of the daemon's.", completion: .directory)
    var path: String?

    @Option(
        name: [.customShort("f"), .long], help: ArgumentHelp("The same as PATH, as kubectl has it.", valueName: "path"),
        completion: .directory)
    var filename: String?

    @Option(name: .shortAndLong, help: "text or json.")
    var output: DiffFormat = .text

    @OptionGroup var connection: ConnectionOptions

    enum DiffFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func validate() throws {
        if path != nil, filename != nil { throw ValidationError("PATH and -f are the same: give one of them") }
    }

    func run() async throws {
        let path = path ?? filename
        try await reportingFailure(ExitStatus.couldNotRun) {
            var report = try await connection.client.diff(DiffRequest(files: try path.map(Self.files)))
            let findings = Self.findings(report, below: path)
            for line in Self.remarks(on: report) + findings.map(\.line) { Terminal.note(line) }
            switch output {
            case .text:
                let text = DiffText(report: report, isColoured: Terminal.isColoured)
                Terminal.print(text.lines)
                if report.isEmpty { Terminal.note(text.conclusion) }
            case .json:
                for reason in report.unknown { Terminal.note(reason.printable) }
                report.summary = report.counted
                Terminal.print(text: try Rendering.text(try JSONValue(encoding: report), .json))
            }
            // Neither is to be taken for "no changes", or for all changes, by a script.
            if findings.contains(where: { !$0.isWarning }) || !report.unknown.isEmpty { throw ExitStatus.couldNotRun }
            if !report.isEmpty { throw ExitStatus.failure }
        }
    }

    /// What stands in no section of the text.
    private static func remarks(on report: DiffReport) -> [String] {
        let told = report.blocked?.summary
        let remarks = report.remarks.filter { $0 != told }
        return (remarks + (report.unserved ?? []).filter { !remarks.contains($0) }).map(\.printable)
    }

    /// The files as the daemon would name them, were the directory its own.
    private static func files(below directory: String) throws -> [DiffRequest.File] {
        do {
            guard try ManifestScan.isDirectory(directory) else {
                throw CommandFailure(
                    "\(directory.printable): not a directory; give the whole one, or all else would be removed")
            }
            return try ManifestInput.directory(directory).map { file in
                let contents: DiffRequest.Contents =
                    switch file.contents {
                    case .bytes(let bytes):
                        String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .bytes(bytes)
                    case .unreadable(let reason): .unreadable(reason: reason)
                    case .quarantined: .unreadable(reason: "it is set aside")
                    }
                return DiffRequest.File(path: file.path, contents: contents)
            }
        } catch let failure as ManifestScan.Failure {
            throw CommandFailure(failure.description.printable)
        }
    }

    /// None twice, with the place as it was typed.
    private static func findings(_ report: DiffReport, below path: String?) -> [Finding] {
        var seen: Set<String> = []
        return report.findings.filter { seen.insert($0.error.description).inserted }.map { finding in
            var finding = finding
            finding.error.file = (path.map(ManifestInput.prefix) ?? "") + finding.error.file
            return finding
        }
    }
}
