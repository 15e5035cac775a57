internal import ArgumentParser
internal import Foundation
internal import Glibc

/// `wgctl validate`
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests as the daemons will, without one: for editors, commit hooks and CI.",
        discussion: """
            All paths together are one set: addresses, keys and references are checked across it, so give it whole. \
            Directories are read as wgd reads them: *.yaml and *.yml at any depth, no dotfiles. A mistake is a line \
            FILE:LINE:COLUMN: path: reason, remedy. With --policy, what that policy would hold on any of the hosts \
            is a mistake too. `kind: List`, as `wgctl get -o yaml` and kubectl print it, stands for its items; status and \
            what a server sets in metadata may be there, and is not looked at.

            EXAMPLES:
              wgctl validate
              wgctl validate manifests
              wgctl validate overlay.yaml host-a.yaml
              wgctl validate manifests --policy policy.yaml
              helm template fleet | wgctl validate -
              wgctl get nodes,overlays -o yaml | wgctl validate -
              wgctl validate manifests -o sarif > wgctl.sarif

            EXIT STATUS:
              0   everything is valid
              1   something is refused, or against the policy
              2   could not run: no such path, not readable, or no manifest there
              64  wrong command line
            """)

    @OptionGroup var manifests: ManifestPaths

    @OptionGroup var policy: PolicyOption

    @Option(name: .shortAndLong, help: "text, json, sarif or github.")
    var output: VerdictFormat = .text

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let input = try await manifests.input()
            let accepted = try input.accepted(policy: try policy.hostPolicy())
            let verdict = Verdict(accepted, fileCount: input.files.count)
            Terminal.print(text: try verdict.render(output))
            if output == .text, isatty(STDERR_FILENO) == 1 { Terminal.note(verdict.summary) }
            if !verdict.isValid { throw ExitStatus.failure }
        }
    }
}
