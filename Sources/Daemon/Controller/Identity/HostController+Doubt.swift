internal import Convergence
internal import HostState
internal import Manifest
internal import Planner
internal import Reconciler
internal import Resources

/// A host whose records are lost, and whose manifests do not describe it (faults 46 and 52).
///
/// With records, a mistake keeps the last good version, and a deletion waits for an operator. Without them only the
/// marks on the host remain: until its own Node is present and valid, nothing is changed and nothing is recorded, so
/// that a restart has the same result.
extension HostController {
    /// Why the manifests cannot replace the records; nil when they can, and on a host that has nothing of ours.
    ///
    /// - Parameter past: what this host carries.
    func doubt(about accepted: AcceptedSet, past: HostEvidence) -> String? {
        guard past.hasMarks else { return nil }
        let served = ServedNode(
            among: accepted.live.nodes, called: options.hostName, last: past.podman?.maker,
            ownKey: keys.publicKey(), keys: effectiveKeys)
        let key = ResourceKey(.node, served.name)
        let acceptance = accepted.acceptances.first { $0.key == key }
        let finding = accepted.findings.first { $0.resource == key && $0.reason == Reason.nullField }
        let why: String? =
            if let error = accepted.fileErrors.first {
                error.message
            } else if let acceptance, acceptance.status == .false {
                acceptance.message
            } else if acceptance == nil {
                "\(key), which is this host, is not in the manifests"
            } else {
                finding?.error.description
            }
        return why.map {
            "there are no records of what this host had, and the manifests do not say it: \($0)\n"
                + "nothing changes until they do; `wgctl down` removes everything of wgctl's from this host"
        }
    }

    /// Leaves everything unchanged, and reports the reason once.
    func wait(because doubt: String) async {
        if facts.source.set(\.doubt, to: doubt) {
            await recorder.event(.warning, Reason.pruneBlocked, doubt, regarding: .node(options.node))
        }
        await recorder.refresh()
    }

    /// The manifests now describe this host.
    func endDoubt() async {
        guard facts.source.set(\.doubt, to: nil) else { return }
        await recorder.event(
            .normal, Reason.pruneUnblocked, "the manifests say what this host is to have",
            regarding: .node(options.node))
    }
}

extension HostEvidence {
    /// Whether anything here carries wgctl's mark.
    var hasMarks: Bool {
        kernel.links.values.contains { OwnershipMark.overlay(ofAlias: $0.alias ?? "") != nil }
            || podman?.containers.values.contains { $0.labels[OwnershipMark.nodeLabel] != nil } ?? false
    }
}
