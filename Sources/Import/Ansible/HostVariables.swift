internal import Manifest

/// The variables that hold for each host, by Ansible's precedence: `all`, then groups from the outermost in, then the
/// host; within each, files go before the inventory.
struct HostVariables {
    private let inventory: AnsibleInventory
    private let groupsByHost: [String: [String]]
    /// `group_vars` of each group: of the inventory, then of the playbooks.
    private var groupVariables: [String: [AnsibleVariables]] = [:]
    private let files: AnsibleFiles
    private let folders: [String]

    /// - Parameter folders: where `group_vars` and `host_vars` are, with a trailing slash or empty: the inventory's own
    ///   first.
    init(_ inventory: AnsibleInventory, _ files: AnsibleFiles, folders: [String], _ report: inout Report) {
        self.inventory = inventory
        self.files = files
        self.folders = folders
        groupsByHost = inventory.groupsByHost()
        for group in inventory.groups.keys.sorted() {
            groupVariables[group] = folders.map { files.variables(of: group, in: $0 + "group_vars", &report) }
        }
    }

    func groups(of host: String) -> [String] { groupsByHost[host] ?? [] }

    func variables(of host: String, _ report: inout Report) -> AnsibleVariables {
        let groups = groups(of: host)
        var layers = ([AnsibleInventory.all] + groups).map { inventory.groups[$0]?.variables ?? [:] }
        layers += groupVariables[AnsibleInventory.all] ?? []
        for folder in folders.indices { layers += groups.compactMap { groupVariables[$0]?[folder] } }
        layers.append(inventory.hosts[host]?.variables ?? [:])
        layers += folders.map { files.variables(of: host, in: $0 + "host_vars", &report) }
        return layers.reduce(into: [:]) { result, layer in result.merge(layer) { $1 } }
    }
}
