internal import ArgumentParser

/// `wgctl import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make manifests of wg-quick files or an Ansible inventory, and report what did not translate.",
        discussion: """
            A line of the report on standard error is FILE:LINE:COLUMN: key: what did not translate, what to do \
            instead. Everything else becomes manifests. Private keys are read for their public keys alone and are \
            never shown; what is printed has none.

            EXAMPLES:
              wgctl import wg-quick host-a.conf host-b.conf --directory manifests
              wgctl import ansible inventories/production --directory manifests
            """,
        subcommands: [ImportWgQuickCommand.self, ImportAnsibleCommand.self])

    static let exitStatus = """
        EXIT STATUS:
          0   everything was translated
          1   something was not: see the report; the manifests are written
          2   could not run: not readable, nothing to import, or a file exists
          64  wrong command line
        """
}
