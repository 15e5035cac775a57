internal import Manifest
internal import NetAddress

/// The hosts of one network, put together from what every source says of itself and of the others.
///
/// The steps run in the order of `resolve`; each reports what it could not keep.
struct Fleet {
    /// What a source says of how others see a host.
    struct Statement {
        /// Whose source it is: an index of `members`.
        var speaker: Int
        var reach: Reach
    }

    struct Member {
        /// The source's word for the host; nil for a peer without a name.
        var sourceName: String?
        var origin: Origin
        /// nil for a host that is known from the peers of others alone.
        var tunnel: Tunnel?
        var publicKey: Sourced<PublicKey>?
        var statements: [Statement] = []

        // What the steps make of it.
        /// The Node's name.
        var name = ""
        var addresses: [Sourced<IPAddress>] = []
        /// Where networks stand of which an address was taken: they are no routes.
        var guesses: Set<Origin> = []
        var routes: [Sourced<CIDR>] = []
        var endpoint: Sourced<Endpoint>?
    }

    var members: [Member]
    var report: Report
    let hints: OverlayHints
    /// Index of the member that has a key.
    private var owners: [PublicKey: Int] = [:]

    // What the steps make of it.
    var subnets: [Sourced<CIDR>] = []
    var settings = FleetSettings()

    init(_ tunnels: [Tunnel], hints: OverlayHints, report: Report) {
        members = tunnels.map {
            Member(sourceName: $0.name, origin: $0.origin, tunnel: $0, publicKey: $0.publicKey)
        }
        self.hints = hints
        self.report = report
        claimKeys()
        adoptKeys()
        collectStatements()
    }

    /// Everything that the manifests need.
    mutating func resolve() {
        decideSubnets()
        decideAddresses()
        decideNames()
        decideSettings()
        decideEndpoints()
        decideRoutes()
        reportMissing()
    }

    /// Hosts that know their own key; a key has one owner.
    private mutating func claimKeys() {
        for index in members.indices {
            guard let key = members[index].publicKey else { continue }
            if let first = owners[key.value], let other = members[first].publicKey {
                report.add(
                    key.origin, "the same key as at \(other.origin.place)",
                    "every host needs a key of its own: put the one that `wgctl key show` prints into spec.publicKey")
                members[index].publicKey = nil
            } else {
                owners[key.value] = index
            }
        }
    }

    /// A host without a key has that of the peer which others send its address to.
    private mutating func adoptKeys() {
        var candidates: [IPAddress: [Sourced<PublicKey>]] = [:]
        for peer in members.lazy.compactMap(\.tunnel).flatMap(\.peers) where owners[peer.publicKey] == nil {
            for allowed in peer.reach.allowedIPs where allowed.value.isAlone {
                let key = Sourced(value: peer.publicKey, origin: peer.origin.named("PublicKey"))
                if candidates[allowed.value.address]?.contains(where: { $0.value == key.value }) != true {
                    candidates[allowed.value.address, default: []].append(key)
                }
            }
        }
        for index in members.indices where members[index].publicKey == nil {
            let addresses = members[index].tunnel?.addresses.map(\.value.address) ?? []
            let keys = addresses.lazy.compactMap { candidates[$0] }.first ?? []
            guard let key = keys.first, owners[key.value] == nil else { continue }
            members[index].publicKey = key
            owners[key.value] = index
            for other in keys.dropFirst() {
                report.add(
                    other.origin, "this key and that at \(key.origin.place) have the same address",
                    "the first was taken; correct spec.publicKey")
            }
        }
    }

    private mutating func collectStatements() {
        for speaker in members.indices {
            guard let tunnel = members[speaker].tunnel else { continue }
            members[speaker].statements.append(Statement(speaker: speaker, reach: tunnel.reach))
            for peer in tunnel.peers {
                let index = owners[peer.publicKey] ?? members.endIndex
                if index == members.endIndex {
                    owners[peer.publicKey] = index
                    members.append(
                        Member(
                            origin: peer.origin,
                            publicKey: Sourced(value: peer.publicKey, origin: peer.origin.named("PublicKey"))))
                }
                if members[index].sourceName == nil { members[index].sourceName = peer.name }
                members[index].statements.append(Statement(speaker: speaker, reach: peer.reach))
            }
        }
    }

    /// What the sources call a host, before Nodes have names.
    func called(_ index: Int) -> String {
        escaped(members[index].sourceName ?? "the peer at \(members[index].origin.place)")
    }

    /// The members that a host has as peers.
    func peers(of tunnel: Tunnel) -> [Int] { tunnel.peers.compactMap { owners[$0.publicKey] } }
}
