internal import ArgumentParser

/// `wgctl completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the completion script of a shell.",
        discussion: """
            EXAMPLES:
              source <(wgctl completion bash)
              wgctl completion zsh > "${fpath[1]}/_wgctl"
              wgctl completion fish > ~/.config/fish/completions/wgctl.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let target: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Terminal.print(text: WgctlCommand.completionScript(for: target) + "\n")
    }
}
