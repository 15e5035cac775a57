internal import Resources

/// Why deletions were not let go.
struct PruneRefusal: Error, CustomStringConvertible {
    /// Whether anything is held at all.
    let isHeld: Bool

    var description: String {
        isHeld
            ? "what is held has changed meanwhile: look again with `wgctl prune`, then confirm that"
            : "nothing is held: there is nothing to confirm"
    }
}

extension HostController {
    /// Deletions that begin to wait, and that wait no more, are an event of this host.
    func tell(held: HeldDeletions, before: HeldDeletions) async {
        guard held != before else { return }
        let regarding = "node/\(options.node)"
        if held.isEmpty {
            await recorder.event(.normal, Reason.pruneUnblocked, "no deletion is held any more", regarding: regarding)
        } else {
            await recorder.event(.warning, Reason.pruneBlocked, held.summary, regarding: regarding)
        }
    }
}
