/// What each reason means and what to do about it: the code's own table, of which docs/errors.md is made.
public enum ReasonTable {
    public struct Entry: Sendable {
        /// The word, from `Reason`.
        public let reason: String
        public let meaning: String
        /// Empty where nothing is wrong.
        public let remedy: String

        init(_ reason: String, _ meaning: String, _ remedy: String = "") {
            self.reason = reason
            self.meaning = meaning
            self.remedy = remedy
        }
    }

    /// The entries by where a reason is met first; some conditions' words are those of events too.
    public static let sections: [(title: String, entries: [Entry])] = [
        (
            "Accepted condition",
            [
                Entry(Reason.accepted, "The resource is valid and in force."),
                Entry(
                    Reason.invalid,
                    "The document, or the file that held it, has a mistake; its last good version stays in force.",
                    "Correct what the message names; `wgctl validate` says the same before it is pushed."),
                Entry(
                    Reason.conflict,
                    "Another resource has the name, address, key or range; or, on one host, something that is not wgctl's stands in its place. The one that had it keeps it; where nothing shows who had it first, none gets it.",
                    "Choose another in one of both, or take the foreign thing away."),
                Entry(
                    Reason.refNotFound,
                    "The resource refers to another that is not there. Its last good version stays in force; one that never had a good version works as far as it can.",
                    "Add what it names, or correct the name."),
                Entry(
                    Reason.publicKeyMissing,
                    "The Node is accepted, but nobody's peer until its key is known; it is not Ready until then.",
                    "Put into spec.publicKey what `wgctl key show` prints on that host."),
                Entry(
                    Reason.unsupportedKind, "This version does not serve resources of this kind.",
                    "Remove it until a version does."),
                Entry(
                    Reason.sharedEndpoint,
                    "A warning of `wgctl validate`: several Nodes have one HOST:PORT, and only one of them can be reached there.",
                    "Give each its own port or address, or leave the endpoint out."),
                Entry(
                    Reason.unreachableEndpoint,
                    "A warning of `wgctl validate`: only hosts on the same link reach the node at its endpoint. As a reason of Ready: the endpoint's name resolves on this host to an address at which no other host is, such as loopback.",
                    "Write an address or name that other nodes reach; look for the name in /etc/hosts."),
                Entry(
                    Reason.nestedRoute,
                    "A warning of `wgctl validate`: a part of a Node's route is behind another Node, and packets for it go there, because the longest prefix decides.",
                    "Nothing, if that is meant; else remove the narrower route."),
                Entry(
                    Reason.pruneBlocked,
                    "The manifests would delete more than one change may delete by itself; what they would delete stays.",
                    "Restore it in the manifests, or delete it with `wgctl prune --confirm`."),
                Entry(
                    Reason.inUse,
                    "No document holds this Overlay any more, but a Node still refers to it, so it is kept.",
                    "Restore it, or remove it from the Nodes that the message names; `wgctl prune --confirm` deletes it all the same."
                ),
                Entry(
                    Reason.nullField,
                    "A field is written without a value, as when all items of a list are commented out; the last good version stays in force where it would lose something by that.",
                    "Write `[]` or `{}` to empty the field, or remove its line."),
            ]
        ),
        (
            "Programmed condition",
            [
                Entry(Reason.programmed, "This host's kernel and Podman are as the resource asks."),
                Entry(
                    Reason.pending, "Not done yet: it waits for something that the message names.",
                    "Wait; when it lasts, mend what it waits for."),
                Entry(
                    Reason.failed, "A step did not succeed; it is tried again, each time later.",
                    "Mend what the message names."),
                Entry(
                    Reason.policyViolation, "The host's policy does not allow it; what runs stays as it is.",
                    "Change the manifest, or the host's /etc/wgctl/policy.yaml."),
                Entry(
                    Reason.nameChanged,
                    "The host is called otherwise than its Node. It goes on serving the Node that has its public key, or that it served before.",
                    "Set WGD_NODE to the Node's name; or rename the Node in the manifests, then run `wgctl adopt --from OLD`."
                ),
            ]
        ),
        (
            "Ready condition",
            [
                Entry(Reason.ready, "It works."),
                Entry(Reason.notReady, "It does not work yet; the message says why.", "Mend what the message names."),
                Entry(
                    Reason.noReply, "The node was probed over the overlay and does not answer.",
                    "Look whether wgd runs there, and whether its listen port is reachable."),
                Entry(
                    Reason.noPath, "Nobody of both can dial the other, or the endpoint's name does not resolve.",
                    "Give one of them an endpoint; check DNS."),
                Entry(
                    Reason.notProbed,
                    "The last probe of the node is so old (three probes are missing) that nothing is known of it any more.",
                    "Check that the overlay's interface is up and has its address; look at `wgctl status`."),
                Entry(Reason.pulling, "The image is being pulled."),
                Entry(
                    Reason.errImagePull,
                    "The image cannot be pulled; it is tried again, each time later. The container that runs stays, and Ready says whether it works.",
                    "Check the image's name, and the registry from that host."),
                Entry(
                    Reason.crashLoopBackOff,
                    "The container ends continuously; it is started again after 10 s, 20 s and so on, at most 5 min.",
                    "Look at `podman logs`."),
                Entry(Reason.completed, "The container ended with status 0, and its restartPolicy leaves it so."),
                Entry(
                    Reason.unhealthy, "The container's health check fails, or does not end.",
                    "Look at `podman inspect`, under Health."),
                Entry(Reason.starting, "The container's health check has not passed yet."),
                Entry(Reason.paused, "The container was paused by hand.", "`podman unpause` it."),
                Entry(
                    Reason.terminating,
                    "The container is being removed or restarted and has not ended yet; it gets SIGKILL when its terminationGracePeriodSeconds after SIGTERM are over.",
                    "Wait, or end it with `podman kill`; the host policy's maxTerminationGracePeriodSeconds bounds the time."
                ),
            ]
        ),
        (
            "Event of the manifests",
            [
                Entry(
                    Reason.sourceUnavailable,
                    "The manifest directory cannot be read whole, or others than root can write it; nothing changes.",
                    "Mount, create or repair it, or take the right to write it away."),
                Entry(Reason.sourceAvailable, "The manifest directory can be read again."),
                Entry(
                    Reason.sourceInsecure,
                    "Others than root and its owner can write the manifest directory. A host that an earlier release served, and a lab, read it all the same.",
                    "Do what the message says; a fresh host reads no such directory."),
                Entry(
                    Reason.degraded, "Changes of manifests are found by looking each second: inotify is exhausted.",
                    "Raise fs.inotify.max_user_watches or max_user_instances."),
                Entry(
                    Reason.takenOver,
                    "The Overlay has the place of another that is gone: it was renamed, and everything on this host stays."
                ),
                Entry(Reason.pruneUnblocked, "No deletion is held any more."),
                Entry(Reason.parserDied, "wgd died while it read a file, and tries it once more."),
                Entry(
                    Reason.quarantined, "wgd died twice over a file, which is set aside; what it held stays in force.",
                    "Change the file, and report it."),
                Entry(
                    Reason.policyInvalid, "The host policy is refused; the one before it stays in force.",
                    "Correct what the message names."),
                Entry(Reason.policyLoaded, "The host policy was taken up."),
                Entry(Reason.policyViolationResolved, "What the host policy held is within it again, or gone."),
                Entry(Reason.conflictResolved, "What stood in the way is gone."),
            ]
        ),
        (
            "Event of this host",
            [
                Entry(Reason.created, "Something was made."),
                Entry(Reason.updated, "Something was changed in place."),
                Entry(Reason.deleted, "Something was taken away."),
                Entry(Reason.started, "A container was started."),
                Entry(Reason.stopped, "A container, or wgd itself, was stopped."),
                Entry(Reason.pulled, "An image was pulled."),
                Entry(
                    Reason.restored,
                    "A sysctl is as it was found, manifests are watched again, or a container has its name or its network back."
                ),
                Entry(Reason.announced, "The neighbours on a bridge were told where an address is now."),
                Entry(
                    Reason.driftRepaired, "Somebody else changed something of wgctl's; it is as wanted again.",
                    "Find out who did it; the message names the object."),
                Entry(
                    Reason.contested,
                    "Somebody else keeps changing it: repairs of it come more slowly; the message says who, where the kernel tells.",
                    "Stop the other program, or tell it to leave the object alone."),
                Entry(Reason.networkUnavailable, "The kernel could not be looked at.", "Mend what the message names."),
                Entry(
                    Reason.firewallUnavailable,
                    "nftables cannot be looked at, so TCP is not clamped to the tunnels' MTU; the rest goes on.",
                    "Install nftables, or mend what the message names."),
                Entry(
                    Reason.podmanUnavailable, "Podman does not answer; the network goes on without it.",
                    "Start podman.socket, or look at Podman's log."),
                Entry(
                    Reason.keyCreated, "This host's key was made.",
                    "Put the public key into spec.publicKey of its Node."),
                Entry(
                    Reason.keyUnusable, "This host's key is missing, or not the one in its Node; no tunnel is set up.",
                    "Bring the key back, or put the other public key into the Node."),
                Entry(
                    Reason.storageFailed, "Something could not be kept on disk; the network goes on without.",
                    "Free space, or mend the disk."),
                Entry(
                    Reason.databaseRecovered, "The state database was corrupt; it is set aside and a new one begun.",
                    "Look at the disk; the old file can be removed."),
                Entry(
                    Reason.clockJumped,
                    "The clock was set. When it went back, peers refuse this host's handshakes until it is where it was.",
                    "Set it right, and let chrony or systemd-timesyncd keep it so."),
                Entry(
                    Reason.adopted,
                    "The Node goes on with what another Node had on this host: tunnel and containers stay as they are."
                ),
                Entry(
                    Reason.serviceFailed,
                    "A part of wgd, such as its control socket, does not work. It is started again, at most 10 s apart; the network and the containers go on without it.",
                    "Fix what the message names."),
                Entry(Reason.serviceRestored, "That part of wgd works again."),
            ]
        ),
    ]

    /// Whether a word is in the table.
    public static func contains(_ reason: String) -> Bool { meanings[reason] != nil }

    /// What a reason means; nil for a word that is none.
    public static func meaning(of reason: String) -> String? { meanings[reason] }

    private static let meanings = Dictionary(
        sections.flatMap(\.entries).map { ($0.reason, $0.meaning) }, uniquingKeysWith: { first, _ in first })

    /// The first part of docs/errors.md.
    public static var markdown: String {
        sections.map { section in
            "## \(section.title)\n\n| reason | meaning | remedy |\n| --- | --- | --- |\n"
                + section.entries.map { "| `\($0.reason)` | \($0.meaning) | \($0.remedy) |\n" }.joined()
        }.joined(separator: "\n")
    }
}
