public import Manifest

/// An Ansible inventory with WireGuard's variables as manifests.
public enum AnsibleImport {
    /// The names that an inventory has by convention, in the directory or in `inventory/` below it.
    public static let inventoryNames = ["hosts", "inventory"].flatMap { stem in
        ["", ".ini", ".yml", ".yaml"].map { stem + $0 }
    }

    /// Translates the hosts that have variables of a known role: githubixx.ansible_role_wireguard or
    /// mawalu.wireguard_private_networking.
    ///
    /// - Parameters:
    ///   - files: inventories and what is below `group_vars`, `host_vars` and `inventory`; paths are relative to the
    ///     directory.
    ///   - prefix: what reports put before the paths.
    ///   - inventory: the inventory's path; nil takes every file with a conventional name.
    ///   - group: only the hosts of this group.
    ///   - overlay: the Overlay's name; nil takes the name of the interface.
    /// - Throws: `ImportFailure` when there is no inventory, or no such host in it.
    public static func run(
        _ files: [ManifestFile], prefix: String, inventory path: String? = nil, group: String? = nil,
        overlay: String? = nil
    ) throws(ImportFailure) -> Imported {
        let source = AnsibleFiles(files, prefix: prefix)
        var report = Report()
        let nested = inventoryNames.map { "inventory/\($0)" }
        var paths = path.map { [$0] } ?? (nested + inventoryNames).filter(source.contains)
        if paths.isEmpty {
            // By another name in `inventory/`: which of several is meant is not for us to say.
            let candidates = source.inventories
            guard candidates.count == 1 else {
                let those = candidates.map { escaped(prefix + $0) }.joined(separator: ", ")
                throw ImportFailure(
                    "\(prefix.isEmpty ? "." : escaped(prefix)): there is no inventory, such as hosts.ini or hosts.yml: "
                        + (candidates.isEmpty
                            ? "name the directory that has one, or the inventory itself" : "name one of \(those)"))
            }
            paths = candidates
        }
        var inventory = AnsibleInventory()
        for path in paths { source.readInventory(path, into: &inventory, &report) }
        if let group, inventory.groups[group] == nil {
            throw ImportFailure("\(quoted(group)): the inventory has no such group")
        }
        let folders = paths.contains { $0.hasPrefix("inventory/") } ? ["inventory/", ""] : [""]
        let variables = HostVariables(inventory, source, folders: folders, &report)
        var tunnels: [Tunnel] = []
        for name in inventory.hostNames {
            guard let host = inventory.hosts[name],
                group.map({ $0 == AnsibleInventory.all || variables.groups(of: name).contains($0) }) ?? true
            else { continue }
            let known = variables.variables(of: name, &report)
            guard let role = WireGuardRole.of(known) else { continue }
            let reader = AnsibleHostReader(name, at: host.origin, known, role)
            report.add(reader.report)
            tunnels.append(reader.tunnel)
        }
        guard !tunnels.isEmpty else {
            throw ImportFailure(nothing(paths.map { prefix + $0 }, report))
        }
        return try translate(tunnels, hints: OverlayHints(), overlay: overlay, report)
    }

    /// Why there is no host: the report may say it.
    private static func nothing(_ paths: [String], _ report: Report) -> String {
        let variables = (WireGuardRole.githubixx.addresses + WireGuardRole.mawalu.addresses).joined(separator: ", ")
        let sentence =
            "\(paths.map(escaped).joined(separator: ", ")): no host has any of \(variables): WireGuard is set up by "
            + "another role, whose files `wgctl import wg-quick` reads"
        return (report.lines.map(\.description) + [sentence]).joined(separator: "\n")
    }
}
