public import Convergence
public import HostState
internal import Manifest
internal import NetAddress
public import Resources

/// What a host's policy makes of the manifests.
public struct Judgement: Hashable, Sendable {
    /// By what is frozen here: a container, an Overlay, another Node. This host's own Node has them all.
    public var violations: [ResourceReference: [PolicyViolation]] = [:]
    /// What is left as it stands.
    public var frozen = FrozenObjects()
    /// What to plan from: pinned keys in place, frozen routes taken out of their Nodes.
    public var resources: ResourceSet

    init(_ resources: ResourceSet) { self.resources = resources }
}

extension HostPolicy {
    /// Judges what manifests ask of one host. Pure; the same input gives the same output.
    ///
    /// - Parameters:
    ///   - resources: the live resources of the whole fleet.
    ///   - node: the host's own Node; what concerns other hosts alone is theirs to judge.
    ///   - previous: this policy's judgement of resources that differ from these in the dirty Nodes only; nil if there is
    ///     none.
    ///   - dirty: the names of the Nodes that are different; nil when everything may be different.
    public func judge(
        _ resources: ResourceSet, node: String, previous: Judgement? = nil, dirty: Set<String>? = nil
    ) -> Judgement {
        if let previous, let dirty, let judgement = judge(resources, node: node, from: previous, dirty: dirty) {
            return judgement
        }
        var judge = Judge(policy: self, resources: resources, node: node)
        judge.pinKeys()
        judge.judgeOverlays()
        judge.judgeRoutes()
        judge.judgeContainers()
        return judge.finish()
    }

    /// The previous judgement with the dirty Nodes replaced; nil when one of them is this host's own, or violates the policy
    /// now or before.
    private func judge(
        _ resources: ResourceSet, node: String, from previous: Judgement, dirty: Set<String>
    ) -> Judgement? {
        let nodes = dirty.sorted().compactMap(resources.node)
        guard !dirty.contains(node), let own = previous.resources.node(node), nodes.count == dirty.count else {
            return nil
        }
        var judge = Judge(
            policy: self, resources: ResourceSet(nodes: [own] + nodes, overlays: resources.overlays), node: node)
        judge.pinKeys()
        judge.judgeRoutes()
        var judgement = previous
        for judged in judge.judgement.resources.nodes.dropFirst() {
            let name = judged.metadata.name
            let object = ResourceReference.node(name)
            guard previous.violations[object] == nil, judge.judgement.violations[object] == nil,
                let position = previous.resources.position(ofNode: name)
            else { return nil }
            judgement.resources.nodes[position] = judged
        }
        return judgement
    }
}

private struct Judge {
    let policy: HostPolicy
    /// This host's own Node.
    let own: Node?
    let nodeName: String
    var judgement: Judgement

    private static let spec = FieldPath(keys: "spec")

    init(policy: HostPolicy, resources: ResourceSet, node: String) {
        self.policy = policy
        nodeName = node
        own = resources.nodes.first { $0.metadata.name == node }
        judgement = Judgement(resources)
    }

    private mutating func add(_ violations: [PolicyViolation], to object: ResourceReference) {
        guard !violations.isEmpty else { return }
        judgement.violations[object, default: []] += violations
    }

    private func kind(of resource: ResourceKey) -> [PolicyViolation] {
        guard let kinds = policy.kinds, !kinds.contains(resource.kind) else { return [] }
        return [
            PolicyViolation(
                resource: resource, path: FieldPath(keys: "kind"),
                reason: "the host policy lets no \(resource.kind.rawValue) have an effect here",
                remedy: "allow it with spec.kinds of the host policy")
        ]
    }

    /// A pinned key counts whatever a Node says, and for that node alone.
    mutating func pinKeys() {
        let pins = policy.pins
        let owners = Dictionary(pins.map { ($0.value, $0.key) }) { first, _ in first }
        for (index, node) in judgement.resources.nodes.enumerated() {
            let name = node.metadata.name
            let key = node.spec.publicKey
            var reason: String?
            if let pin = pins[name] {
                judgement.resources.nodes[index].spec.publicKey = pin
                if key != nil, key != pin { reason = "not the key that the host policy pins for this node, \(pin)" }
            } else if let key, let owner = owners[key] {
                judgement.resources.nodes[index].spec.publicKey = nil
                reason = "the host policy pins this key for \(owner)"
            }
            guard let reason else { continue }
            let violation = PolicyViolation(
                resource: ResourceKey(.node, name), path: Judge.spec + "publicKey", reason: reason,
                remedy: "put the node's own key there, or correct spec.nodes.publicKeys of the host policy")
            add([violation], to: .node(name))
        }
    }

    /// Those that this host is a member of.
    mutating func judgeOverlays() {
        guard let own else { return }
        let memberships = Set(own.spec.overlays.map(\.name))
        for overlay in judgement.resources.overlays where memberships.contains(overlay.metadata.name) {
            let name = overlay.metadata.name
            let key = ResourceKey(.overlay, name)
            var found = kind(of: ResourceKey(.node, nodeName)) + kind(of: key)
            for (index, subnet) in overlay.spec.subnets.enumerated() where !allows(subnet) {
                found.append(outside(subnet, of: key, at: Judge.spec + "subnets" + index))
            }
            if let file = overlay.spec.wireguard.presharedKeys?.file {
                found += ContainerRules(policy: policy.containers, resource: key).presharedKeys(
                    file, at: Judge.spec + "wireguard" + "presharedKeys" + "file")
            }
            guard !found.isEmpty else { continue }
            add(found, to: .overlay(name))
            judgement.frozen.overlays.append(name)
        }
        judgement.frozen.overlays.sort()
    }

    private func allows(_ network: CIDR) -> Bool { policy.overlays.cidrs?.contains { $0.contains(network) } ?? true }

    private func outside(_ network: CIDR, of resource: ResourceKey, at path: FieldPath) -> PolicyViolation {
        let allowed = (policy.overlays.cidrs ?? []).map(\.description).joined(separator: ", ")
        return PolicyViolation(
            resource: resource, path: path,
            reason: "\(network) lies outside of what the host policy allows (\(allowed))",
            remedy: "choose a network inside, or allow it with spec.overlays.cidrs of the host policy")
    }

    /// Other nodes' routes into the overlays of this host.
    mutating func judgeRoutes() {
        guard let own else { return }
        let overlays = Set(own.spec.overlays.map(\.name)).subtracting(judgement.frozen.overlays)
        for (index, node) in judgement.resources.nodes.enumerated() where node.metadata.name != nodeName {
            for (number, membership) in node.spec.overlays.enumerated() where overlays.contains(membership.name) {
                let allowed = membership.routes.filter(allows)
                guard allowed != membership.routes else { continue }
                judgement.resources.nodes[index].spec.overlays[number].routes = allowed
                let path = Judge.spec + "overlays" + number + "routes"
                for (position, route) in membership.routes.enumerated() where !allows(route) {
                    let violation = outside(route, of: ResourceKey(.node, node.metadata.name), at: path + position)
                    add([violation], to: .node(node.metadata.name))
                    judgement.frozen.routes.append(route)
                }
            }
        }
        judgement.frozen.routes.sort()
    }

    /// This host's own; those of a drained host are asked for by nobody.
    mutating func judgeContainers() {
        guard let own, !own.spec.unschedulable else { return }
        let key = ResourceKey(.node, nodeName)
        let rules = ContainerRules(policy: policy.containers, resource: key)
        for (index, container) in own.spec.containers.enumerated() {
            let overlays = container.networks.flatMap { judgement.violations[.overlay($0.overlay)] ?? [] }
            let found =
                kind(of: key) + overlays
                + rules.violations(of: container, at: Judge.spec + "containers" + index)
            guard !found.isEmpty else { continue }
            add(found, to: .container(container.name))
            judgement.frozen.containers.append(container.name)
        }
        judgement.frozen.containers.sort()
    }

    /// Says each once, and all that is held here with the own Node too.
    func finish() -> Judgement {
        var result = judgement
        let own = ResourceReference.node(nodeName)
        let held = result.violations.sorted { $0.key < $1.key }.filter { $0.key == own || $0.key.kind != .node }
        result.violations[own] = held.isEmpty ? nil : held.flatMap(\.value)
        result.violations = result.violations.mapValues { violations in
            var seen: Set<PolicyViolation> = []
            return violations.filter { seen.insert($0).inserted }
        }
        return result
    }
}
