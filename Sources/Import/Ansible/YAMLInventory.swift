internal import Manifest

/// Reads an inventory in Ansible's YAML form: groups with `hosts`, `vars` and `children`.
struct YAMLInventory {
    private let file: String

    init(file: String) { self.file = file }

    /// The errors of the document that concern no value are reported.
    func read(_ document: Document, into inventory: inout AnsibleInventory, _ report: inout Report) {
        guard let groups = document.root.entries else { return }
        var reader = AnsibleDocument(document)
        if let plugin = groups.first(where: { $0.name == "plugin" }) {
            return report.add(
                origin(plugin.key), "asks a program for the hosts",
                "save what `ansible-inventory --list --yaml` prints, and import that")
        }
        for group in groups { readGroup(group, parent: nil, &reader, &inventory, &report) }
        for error in reader.remainingErrors { report.add(error) }
    }

    private func readGroup(
        _ entry: YAMLNode.Entry, parent: String?, _ reader: inout AnsibleDocument, _ inventory: inout AnsibleInventory,
        _ report: inout Report
    ) {
        let name = entry.name
        guard inventory.addGroup(name) else { return report.addExcess(origin(entry.key)) }
        if let parent, !inventory.addChild(name, to: parent) {
            return report.add(origin(entry.key), "the group \(quoted(name)) would contain itself", "remove it here")
        }
        for section in entry.value.entries ?? [] {
            switch section.name {
            case "hosts":
                // `hosts: web1` is one host without variables.
                if let scalar = section.value.scalar, !scalar.text.isEmpty {
                    readHost(.init(key: section.value, value: section.value), name, &reader, &inventory, &report)
                }
                for host in section.value.entries ?? [] { readHost(host, name, &reader, &inventory, &report) }
            case "vars":
                for (key, variable) in variables(section.value, &reader) {
                    inventory.set(variable, named: key, of: name)
                }
            case "children":
                for child in section.value.entries ?? [] {
                    readGroup(child, parent: name, &reader, &inventory, &report)
                }
            default:
                report.add(
                    origin(section.key), "a group has hosts, vars and children only", "move it to where it belongs")
            }
        }
    }

    private func readHost(
        _ entry: YAMLNode.Entry, _ group: String, _ reader: inout AnsibleDocument, _ inventory: inout AnsibleInventory,
        _ report: inout Report
    ) {
        let hosts: [String]
        do throws(HostPattern.Problem) {
            hosts = try HostPattern.hosts(entry.name, budget: &inventory.rangeBudget)
        } catch {
            return report.add(origin(entry.key), error.reason, error.remedy)
        }
        let variables = variables(entry.value, &reader)
        for host in hosts { inventory.addHost(host, to: group, at: origin(entry.key), variables) }
    }

    private func variables(_ node: YAMLNode, _ reader: inout AnsibleDocument) -> AnsibleVariables {
        AnsibleVariables(node, file: file, &reader)
    }

    private func origin(_ node: YAMLNode) -> Origin {
        Origin(file: file, position: node.position, path: FieldPath())
    }
}

extension AnsibleVariables {
    /// The entries of a mapping; of a name that stands twice the last counts, as for Ansible.
    init(_ node: YAMLNode, file: String, _ reader: inout AnsibleDocument) {
        self = [:]
        for entry in node.entries ?? [] {
            self[entry.name] = AnsibleVariable(
                value: reader.value(entry.value),
                origin: Origin(file: file, position: entry.key.position, path: FieldPath(keys: entry.name)))
        }
    }
}
