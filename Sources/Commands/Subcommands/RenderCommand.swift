internal import ArgumentParser
internal import Foundation
internal import HostState
internal import Planner

/// `wgctl render`
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Write a host's tunnels as files of wg-quick or systemd-networkd, for a host without wgd.",
        discussion: """
            Devices, peers, addresses and routes are those that `wgctl plan` shows; bridges and containers are wgd's \
            alone and left out. The private key is never part of it: a comment says where it goes. A node whose Node \
            has no publicKey cannot be a peer: it is left out, and a warning and a comment name it.

            EXAMPLES:
              wgctl render wg-quick manifests --node laptop > wg0.conf
              wgctl render networkd manifests --node laptop \\
                --directory /etc/systemd/network

            EXIT STATUS:
              0   rendered
              1   no valid Node has this name, it is in no overlay, or a file cannot
                  be written
              2   could not run: no such path, not readable, or no manifest there
              64  wrong command line
            """)

    @Argument(help: "wg-quick or networkd.")
    var format: TunnelFormat

    @OptionGroup var options: PlanOptions

    @Option(help: ArgumentHelp("Write the files there, mode 0640.", valueName: "path"), completion: .directory)
    var directory: String?

    func run() async throws {
        try await reportingFailure {
            let (desired, keyless) = try await options.plan()
            let files = format.files(of: desired, keyless: keyless)
            guard !files.isEmpty else {
                throw CommandFailure(
                    "node \"\((desired.node ?? "").printable)\" is in no overlay: there is nothing to render")
            }
            if !desired.podman.containers.isEmpty {
                Terminal.note(
                    "containers are left out: \(desired.podman.containers.map(\.name).joined(separator: ", "))")
            }
            for name in Set(keyless.map(\.node)).sorted() {
                let consequence = name == desired.node ? "nobody can have it as a peer" : "left out as a peer"
                Terminal.note(
                    "warning: node/\(name): PublicKeyMissing: \(consequence); put its public key into spec.publicKey"
                        .printable)
            }
            guard let directory else {
                return Terminal.print(text: files.map { "# \($0.path)\n\($0.text)" }.joined(separator: "\n"))
            }
            for file in files { try write(file, into: URL(fileURLWithPath: directory)) }
        }
    }

    private func write(_ file: TunnelFile, into directory: URL) throws {
        let target = directory.appendingPathComponent(URL(fileURLWithPath: file.path).lastPathComponent)
        do {
            try Data(file.text.utf8).write(to: target, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target.path)
        } catch {
            throw CommandFailure("\(target.path.printable): cannot be written: \(error.localizedDescription)")
        }
        Terminal.print([target.path.printable])
    }
}

extension TunnelFormat: ExpressibleByArgument {}
