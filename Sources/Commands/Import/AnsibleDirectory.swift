internal import Foundation
internal import Import
internal import Manifest
internal import ManifestWatch

/// The files of a directory that an import of an inventory looks at.
struct AnsibleDirectory {
    /// Paths are relative to the directory.
    var files: [ManifestFile] = []
    /// What stands before the paths, as it was typed.
    var prefix: String
    /// The inventory's path, if it was named itself.
    var inventory: String?

    /// Blocks while it reads.
    ///
    /// - Throws: `CommandFailure` when what was named, or a file of it, cannot be read.
    init(_ path: String) throws {
        do throws(ManifestScan.Failure) {
            if try ManifestScan.isDirectory(path) {
                prefix = ManifestInput.prefix(of: path)
            } else {
                let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
                // The playbooks, with group_vars and host_vars beside them, are above a folder of this name.
                prefix =
                    folder == "inventory/" || folder.hasSuffix("/inventory/")
                    ? String(folder.dropLast("inventory/".count)) : folder
                inventory = String(path.dropFirst(prefix.count))
            }
        } catch {
            throw CommandFailure(error.description.printable)
        }
        let below = ["group_vars", "host_vars", "inventory"].flatMap { folder in paths(below: folder) }
        let atTop = (inventory.map { [$0] } ?? AnsibleImport.inventoryNames).filter { isFile($0) }
        files = try (atTop + below).map { ManifestFile(path: $0, contents: try contents(of: $0)) }
    }

    /// Directories nested deeper than this are nobody's variables.
    private static let depthLimit = 16

    /// Regular files, links followed but for those that lead in circles; hidden ones are nobody's.
    ///
    /// - Parameter above: the directories that the walk is in, as they really are.
    private func paths(below folder: String, above: [String] = []) -> [String] {
        guard above.count < Self.depthLimit else { return [] }
        let real = URL(fileURLWithPath: prefix + folder).resolvingSymlinksInPath().path
        guard !above.contains(real) else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: prefix + folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return isFile(path) ? [path] : paths(below: path, above: above + [real])
        }
    }

    private func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: prefix + path, isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    private func contents(of path: String) throws(CommandFailure) -> ManifestFile.Contents {
        let contents: SourceFile.Contents
        do throws(ManifestScan.Failure) {
            contents = try ManifestScan.file(prefix + path).contents
        } catch {
            throw CommandFailure(error.description.printable)
        }
        switch contents {
        case .bytes(let bytes): return .bytes(bytes)
        case .unreadable(let reason): throw CommandFailure("\(prefix)\(path): \(reason)".printable)
        }
    }
}
