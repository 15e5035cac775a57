internal import Convergence
internal import HostState
internal import Planner
internal import Resources

/// Which members of this host's overlays no host can have as a peer, since their public keys are not known.
struct MissingKeys: Sendable {
    /// Of other nodes, by name.
    let others: Set<String>
    /// Why this node is nobody's peer; nil when it can be one, or there is nobody to be one for.
    let own: String?

    init(state: Facts, localNode: String) {
        let keyless = Planner.keylessMembers(
            in: state.accepted.live, of: localNode, publicKeys: state.policy.keys)
        others = Set(keyless.map(\.node)).subtracting([localNode])
        let hasOthers = !others.isEmpty || state.desired.kernel.devices.contains { !$0.peers.isEmpty }
        // Whoever answers has the key, from a host policy that pins it.
        let isKnown = state.probes.values.contains { $0.state.isAnswered }
        own =
            keyless.contains { $0.node == localNode } && hasOthers && !isKnown
            ? "no other host can have this one as a peer: \(Planner.keyRemedy(of: localNode))" : nil
    }
}

extension Assessment {
    /// Accepted, as this host sees it: the key that a Node lacks may be known here all the same.
    func accepted(_ acceptance: Acceptance) -> AssessedCondition {
        guard acceptance.reason == Reason.publicKeyMissing, state.policy.keys[acceptance.key.name] != nil else {
            return AssessedCondition(.accepted, acceptance.status, acceptance.reason, acceptance.message)
        }
        return AssessedCondition(
            .accepted, .true, Reason.accepted,
            "the resource is valid; its public key is not in it, this host has it from --peer-keys or its host policy")
    }

    /// Another node that is no peer of this host.
    func stranger(_ name: String) -> [AssessedCondition] {
        let programmed = held(.node(name))
        if missingKeys.others.contains(name) {
            return [
                programmed
                    ?? AssessedCondition(
                        .programmed, .true, Reason.programmed, "nothing to do on this host until its key is known"),
                AssessedCondition(
                    .ready, .false, Reason.publicKeyMissing,
                    "it is no peer of this host: \(Planner.keyRemedy(of: name))"),
            ]
        }
        return [
            programmed ?? AssessedCondition(.programmed, .true, Reason.programmed, "nothing to do on this host"),
            AssessedCondition(
                .ready, .unknown, Reason.pending,
                sharesOverlay(with: name)
                    ? "it is no peer of this host: the overlay that both are in is not set up here"
                    : "it is no peer of this host: it shares no overlay with it"),
        ]
    }
}
