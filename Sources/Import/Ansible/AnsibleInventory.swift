internal import Manifest

/// Hosts and groups of an inventory with the variables that stand in it.
struct AnsibleInventory {
    struct Host {
        /// Where it stands first.
        var origin: Origin
        var variables: AnsibleVariables = [:]
    }

    struct Group {
        var variables: AnsibleVariables = [:]
        var parents: Set<String> = []
        var hosts: Set<String> = []
    }

    static let all = "all"
    static let ungrouped = "ungrouped"

    /// More groups than this are left out: what a host's groups cost grows with them.
    static let groupLimit = 4096

    /// How many more hosts the ranges of the inventory may stand for.
    var rangeBudget = HostPattern.limit
    private(set) var hosts: [String: Host] = [:]
    /// In the order in which they stand.
    private(set) var hostNames: [String] = []
    private(set) var groups: [String: Group] = [all: Group(), ungrouped: Group()]

    /// False when it is one too many, and not added.
    @discardableResult
    mutating func addGroup(_ name: String) -> Bool {
        guard groups[name] == nil else { return true }
        guard groups.count < Self.groupLimit else { return false }
        groups[name] = Group()
        return true
    }

    mutating func addHost(_ name: String, to group: String, at origin: Origin, _ variables: AnsibleVariables) {
        addGroup(group)
        groups[group]?.hosts.insert(name)
        if hosts[name] == nil {
            hosts[name] = Host(origin: origin)
            hostNames.append(name)
        }
        hosts[name]?.variables.merge(variables) { $1 }
    }

    mutating func set(_ variable: AnsibleVariable, named name: String, of group: String) {
        addGroup(group)
        groups[group]?.variables[name] = variable
    }

    /// Puts a group into another; false when it would then contain itself. One beyond the limit is in none.
    mutating func addChild(_ child: String, to parent: String) -> Bool {
        addGroup(child)
        addGroup(parent)
        guard child != parent, !ancestors(of: [parent]).contains(child) else { return false }
        if parent != Self.all { groups[child]?.parents.insert(parent) }
        return true
    }

    /// The groups and all that they are in, but for `all`.
    func ancestors(of names: some Sequence<String>) -> Set<String> {
        var found: Set<String> = []
        var open = Array(names)
        while let name = open.popLast() {
            if found.insert(name).inserted { open += groups[name]?.parents ?? [] }
        }
        return found.subtracting([Self.all])
    }

    /// Each host's groups, in the order in which they override each other: the deepest, then the one of the highest
    /// priority, then the last by name wins. `all` is not among them.
    func groupsByHost() -> [String: [String]] {
        var direct: [String: [String]] = [:]
        for (name, group) in groups {
            for host in group.hosts { direct[host, default: []].append(name) }
        }
        let depths = depths()
        let ranks = Dictionary(
            uniqueKeysWithValues: groups.keys.map { ($0, (depths[$0] ?? 0, priority(of: $0), $0)) })
        return Dictionary(
            uniqueKeysWithValues: hostNames.map { host in
                var member = ancestors(of: direct[host] ?? [])
                // Whoever is in a group of a name is not ungrouped, wherever else it stands.
                if member != [Self.ungrouped] { member.remove(Self.ungrouped) }
                if member.isEmpty { member = [Self.ungrouped] }
                return (host, member.sorted { (ranks[$0] ?? (0, 0, $0)) < (ranks[$1] ?? (0, 0, $1)) })
            })
    }

    /// Steps from `all`, by the longest way. Without recursion: an inventory may nest groups as deep as it likes.
    private func depths() -> [String: Int] {
        var known = [Self.all: 0]
        for group in groups.keys {
            var open = [group]
            while let last = open.last {
                let parents = groups[last]?.parents ?? []
                let unknown = known[last] == nil ? parents.filter { known[$0] == nil } : []
                if unknown.isEmpty {
                    open.removeLast()
                    known[last] = known[last] ?? (parents.compactMap { known[$0] }.max() ?? 0) + 1
                } else {
                    open += unknown
                }
            }
        }
        return known
    }

    private func priority(of group: String) -> Int {
        guard case .text(let text)? = groups[group]?.variables["ansible_group_priority"]?.value.content else {
            return 1
        }
        return Int(text) ?? 1
    }
}
