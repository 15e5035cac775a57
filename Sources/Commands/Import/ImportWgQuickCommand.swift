internal import ArgumentParser
internal import Descriptors
internal import Foundation
internal import Glibc
internal import Import
internal import Manifest

/// `wgctl import wg-quick`
struct ImportWgQuickCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-quick",
        abstract: "Make an Overlay and its Nodes of the wg-quick files of one network.",
        discussion: """
            Give the files of all hosts at once: a host that has no file is known from the others' [Peer] sections, \
            and is named by a comment there. A host is named after its file (host-a.conf), or after the folder when \
            the file has an interface's name (host-a/wg0.conf).

            A host keeps its key when the private key is in /var/lib/wgctl/keys/node.key (mode 0600, in a directory \
            of mode 0700) before wgd first starts.

            EXAMPLES:
              wgctl import wg-quick host-a.conf host-b.conf
              wgctl import wg-quick fleet/*/wg0.conf --overlay office --directory manifests
              sudo wgctl import wg-quick /etc/wireguard/wg0.conf

            \(ImportCommand.exitStatus)
            """)

    @Argument(
        help: ArgumentHelp("The files of one network, a file a host.", valueName: "file"),
        completion: .file(extensions: ["conf"]))
    var files: [String]

    @OptionGroup var output: ImportOutput

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let texts = try files.map { (path: $0, folder: Self.folder(of: $0), text: try Self.text(of: $0)) }
            try output.write { () throws(ImportFailure) in
                let named = WgQuickFile.named(texts, localHost: DaemonCommand.hostName())
                return try WgQuickImport.run(named, overlay: output.overlay)
            }
        }
    }

    /// Of any length, and from a pipe too; what is not UTF-8 can only be in comments.
    private static func text(of path: String) throws(CommandFailure) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure("\(path): \(SystemError.text(of: errno))".printable)
        }
        guard let data = try? file.readToEnd() ?? Data() else {
            throw CommandFailure("\(path): cannot be read: is it a file?".printable)
        }
        if data.isUTF16 { throw CommandFailure("\(path): the file is UTF-16: save it as UTF-8".printable) }
        return String(decoding: data, as: UTF8.self)
    }

    /// The folder's name as it was typed; nil where it says nothing of a host: none, `.`, `..`, and wg-quick's own.
    private static func folder(of path: String) -> String? {
        let steps = path.split(separator: "/")
        guard steps.count > 1, path.hasPrefix("/etc/wireguard/") == false else { return nil }
        let folder = String(steps[steps.count - 2])
        return [".", ".."].contains(folder) ? nil : folder
    }
}
