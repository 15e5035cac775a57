internal import Manifest

/// The files of a directory that Ansible reads, and what they hold.
struct AnsibleFiles {
    /// By path relative to the directory.
    private let files: [String: ManifestFile]
    /// The paths in a folder of `group_vars` or `host_vars`, by the folder's path.
    private let contents: [String: [String]]
    /// What reports put before a path.
    private let prefix: String

    init(_ files: [ManifestFile], prefix: String) {
        self.files = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        contents = Dictionary(grouping: files.map(\.path).sorted()) { path in
            var steps = path.split(separator: "/", omittingEmptySubsequences: false)
            guard let last = steps.lastIndex(where: { $0 == "group_vars" || $0 == "host_vars" }), last + 2 < steps.count
            else { return "" }
            steps.removeSubrange((last + 2)...)
            return steps.joined(separator: "/")
        }
        self.prefix = prefix
    }

    func contains(_ path: String) -> Bool { files[path] != nil }

    /// The files in `inventory/` itself that an inventory's name may have.
    var inventories: [String] {
        files.keys.filter { path in
            let name = path.dropFirst("inventory/".count)
            guard path.hasPrefix("inventory/"), !name.contains("/"), !name.hasSuffix("~") else { return false }
            return !name.contains(".") || [".ini", ".yml", ".yaml"].contains { name.hasSuffix($0) }
        }.sorted()
    }

    /// Adds an inventory file's hosts and groups.
    func readInventory(_ path: String, into inventory: inout AnsibleInventory, _ report: inout Report) {
        guard let file = file(path, &report) else { return }
        if case .bytes(let bytes) = file.contents, bytes.starts(with: Array("#!".utf8)) {
            return report.add(
                start(path), "is a program",
                "save what `ansible-inventory --list --yaml` prints, and import that")
        }
        if case .bytes(let bytes) = file.contents, bytes.isUTF16 {
            return report.add(start(path), "the file is UTF-16", "save it as UTF-8")
        }
        let isINI = path.hasSuffix(".ini")
        let isYAML = path.hasSuffix(".yml") || path.hasSuffix(".yaml")
        do throws(ManifestError) {
            let documents = isINI ? [] : try file.documents()
            if let document = documents.first, document.root.entries != nil {
                return YAMLInventory(file: prefix + path).read(document, into: &inventory, &report)
            }
        } catch {
            if isYAML { return report.add(error) }
        }
        guard case .bytes(let bytes) = file.contents, !isYAML else { return }
        var reader = INIInventory(file: prefix + path)
        reader.read(String(decoding: bytes, as: UTF8.self), into: &inventory, &report)
    }

    /// The variables of `group_vars/NAME` or `host_vars/NAME`: a directory, else a file with one of Ansible's endings.
    func variables(of name: String, in folder: String, _ report: inout Report) -> AnsibleVariables {
        var variables: AnsibleVariables = [:]
        for path in paths(of: "\(folder)/\(name)") {
            guard let file = file(path, &report) else { continue }
            do throws(ManifestError) {
                for document in try file.documents() {
                    var reader = AnsibleDocument(document)
                    variables.merge(AnsibleVariables(document.root, file: prefix + path, &reader)) { $1 }
                    for error in reader.remainingErrors { report.add(error) }
                }
            } catch {
                report.add(error)
            }
        }
        return variables
    }

    private func paths(of stem: String) -> [String] {
        // A folder of the name goes before a file of it, whatever is in it.
        guard let inFolder = contents[stem] else {
            return Self.endings.map { stem + $0 }.first { files[$0] != nil }.map { [$0] } ?? []
        }
        return inFolder.filter { path in
            let steps = path.dropFirst(stem.count + 1).split(separator: "/")
            guard let name = steps.last, !steps.contains(where: { $0.hasPrefix(".") || $0.hasSuffix("~") }) else {
                return false
            }
            return !name.contains(".") || Self.endings.dropFirst().contains { name.hasSuffix($0) }
        }
    }

    private static let endings = ["", ".yml", ".yaml", ".json"]

    /// A file, its path as reports show it; nil when all of it is encrypted.
    private func file(_ path: String, _ report: inout Report) -> ManifestFile? {
        guard var file = files[path] else { return nil }
        file.path = prefix + path
        if case .bytes(let bytes) = file.contents, bytes.starts(with: Array("$ANSIBLE_VAULT;".utf8)) {
            report.add(
                start(path), "the file is encrypted by Ansible Vault",
                "write what follows from it into the manifests yourself")
            return nil
        }
        return file
    }

    private func start(_ path: String) -> Origin {
        Origin(file: prefix + path, position: .start, path: FieldPath())
    }
}
