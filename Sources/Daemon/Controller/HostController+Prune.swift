internal import Convergence
internal import HostState
internal import Planner
internal import Reconciler
internal import Resources

/// Why deletions were not confirmed.
struct PruneRefusal: Error, CustomStringConvertible {
    /// Whether any deletion awaits confirmation.
    let isHeld: Bool

    var description: String {
        isHeld
            ? "what is held has changed meanwhile: look again with `wgctl prune`, then confirm that"
            : "nothing is held: there is nothing to confirm"
    }
}

extension HostController {
    /// The names under which the objects on this host were created, updated after an edit.
    ///
    /// - Parameter past: what this host carries, when nothing is recorded of it.
    func identities(after accepted: AcceptedSet, past: HostEvidence? = nil) -> Identities {
        var identities = facts.identity.value.identities
        identities.rename(accepted.renamedOverlays, live: Set(accepted.live.overlays.map(\.metadata.name)))
        if let past {
            let recovered = Identities(
                recoveredFrom: past.kernel, past.podman, resources: accepted.live, node: options.node,
                ownKey: keys.publicKey(), publicKeys: effectiveKeys)
            identities.overlays.merge(recovered.overlays) { known, _ in known }
        }
        return identities
    }

    /// Records an event of each Overlay that takes over another one's place.
    func tell(renamed former: [String: String], in live: ResourceSet) async {
        let own = Set(HostConflicts.overlays(of: options.node, in: live).map(\.metadata.name))
        for (name, old) in former.sorted(by: { $0.key < $1.key }) where own.contains(name) {
            await recorder.event(
                .normal, Reason.takenOver,
                "takes over what Overlay/\(old) had on this host: nothing is made again that did not change otherwise",
                regarding: .overlay(name))
        }
    }

    /// Records an event of this host when deletions start or stop awaiting confirmation.
    func tell(held: HeldDeletions, before: HeldDeletions) async {
        guard held != before else { return }
        let regarding = ResourceReference.node(options.node)
        if held.isEmpty {
            await recorder.event(.normal, Reason.pruneUnblocked, "no deletion is held any more", regarding: regarding)
        } else {
            await recorder.event(.warning, Reason.pruneBlocked, held.summary, regarding: regarding)
        }
    }
}
