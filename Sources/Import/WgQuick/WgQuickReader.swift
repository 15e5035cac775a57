internal import Manifest
internal import NetAddress

/// Reads one file of wg-quick into a tunnel, and reports what a manifest has no field for.
struct WgQuickReader {
    private typealias Piece = ConfigurationText.Piece

    private let file: WgQuickFile
    private(set) var tunnel: Tunnel
    private(set) var hints = OverlayHints()
    private(set) var report: Report
    /// Whether there is an [Interface] at all.
    private(set) var hasInterface = false
    private var peerIndexes: [PublicKey: Int] = [:]

    init(_ file: WgQuickFile, report: Report) {
        self.file = file
        self.report = report
        let start = Origin(file: file.path, position: .start, path: FieldPath())
        tunnel = Tunnel(name: file.host, origin: start)
        let text = ConfigurationText(file.text)
        for entry in text.strays { refuse(entry, "stands in no section", "put it below [Interface] or [Peer]") }
        for section in text.sections {
            switch section.kind {
            case .interface: read(interface: section)
            case .peer: read(peer: section)
            case .unknown:
                note(section.header, FieldPath(), "the section is neither [Interface] nor [Peer]", "correct its name")
            }
        }
        let comments = text.preamble + text.sections.flatMap { $0.leading + $0.opening + $0.inner }
        if let title = comments.lazy.compactMap({ RenderedTitle($0) }).first {
            tunnel.name = title.node
            hints = OverlayHints(name: title.overlay, subnets: title.subnets)
        }
        if let interface = file.interface {
            tunnel.interface = Sourced(value: interface, origin: tunnel.origin)
        }
    }

    // MARK: [Interface]

    private mutating func read(interface section: ConfigurationText.Section) {
        if !hasInterface {
            hasInterface = true
            tunnel.origin.position = section.header.position
        }
        if let name = section.nameTag { tunnel.name = name }
        for entry in section.entries { read(interface: entry) }
        if tunnel.publicKey == nil, let text = section.publicKeyInComments, let key = PublicKey(text) {
            tunnel.publicKey = Sourced(value: key, origin: tunnel.origin.named("PublicKey"))
        }
    }

    private mutating func read(interface entry: ConfigurationText.Entry) {
        let text = entry.value.text
        switch entry.key.text.lowercased() {
        case "address":
            for item in entry.items(separatedBySpace: true) {
                guard let address = InterfaceAddress(item.text) else {
                    note(
                        item, key(entry), "\(shown(item.text)) is not an address",
                        "write it such as 10.0.0.1/24 into spec.overlays[0].addresses")
                    continue
                }
                tunnel.addresses.append(Sourced(value: address, origin: origin(item.position, entry)))
            }
        case "listenport":
            // 0 is WireGuard's word for any port.
            if let port: UInt16 = number(entry, 0...65535), port != 0 {
                tunnel.listenPort = Sourced(value: port, origin: origin(entry.key.position, entry))
            }
        case "mtu":
            if let mtu: UInt32 = number(entry, 1280...65455) {
                tunnel.mtu = Sourced(value: mtu, origin: origin(entry.key.position, entry))
            }
        case "privatekey":
            if let key = PublicKey(ofPrivateKey: text.filter { !$0.isWhitespace }) {
                tunnel.publicKey = Sourced(value: key, origin: origin(entry.key.position, entry))
            } else {
                tunnel.hasUnreadableKey = true
                refuse(
                    entry, "is not a private key in base64", "put the host's public key into spec.publicKey yourself")
            }
        default: readUntranslated(entry)
        }
    }

    /// Settings of [Interface] that a manifest has no field for.
    private mutating func readUntranslated(_ entry: ConfigurationText.Entry) {
        let setting: Untranslated
        switch entry.key.text.lowercased() {
        case "dns": setting = .resolver
        case "table": setting = .table
        case "fwmark": setting = .firewallMark
        case "saveconfig": setting = .saving
        case "preup", "postup", "predown", "postdown": setting = .command
        default: return unknown(entry, section: "[Interface]")
        }
        if let (reason, remedy) = setting.explanation(of: entry.value.text) { refuse(entry, reason, remedy) }
    }

    // MARK: [Peer]

    private mutating func read(peer section: ConfigurationText.Section) {
        var publicKey: PublicKey?
        var hasKey = false
        var reach = Reach()
        for entry in section.entries {
            switch entry.key.text.lowercased() {
            case "publickey":
                hasKey = true
                publicKey = PublicKey(entry.value.text.filter { !$0.isWhitespace })
                if publicKey == nil {
                    refuse(entry, "is not a public key in base64", "correct it; the peer is left out")
                }
            case "allowedips":
                for item in entry.items(separatedBySpace: false) {
                    guard let cidr = wireGuardAllowedIP(item.text) else {
                        note(
                            item, key(entry), "\(shown(item.text)) is not an address or network",
                            "write it such as 10.0.0.0/24 into spec.overlays[0].routes")
                        continue
                    }
                    reach.allowedIPs.append(Sourced(value: cidr, origin: origin(item.position, entry)))
                }
            case "endpoint":
                let text = entry.value.text.filter { !$0.isWhitespace }
                if let endpoint = wireGuardEndpoint(text) {
                    reach.endpoint = Sourced(value: endpoint, origin: origin(entry.key.position, entry))
                } else {
                    refuse(
                        entry, "\(shown(text)) is not HOST:PORT or [IPv6]:PORT with a port from 1 to 65535",
                        "write the right one into spec.endpoint")
                }
            case "persistentkeepalive":
                if let seconds = wireGuardKeepalive(entry.value.text) {
                    reach.keepalive = Sourced(value: seconds, origin: origin(entry.key.position, entry))
                } else {
                    refuse(entry, "\(shown(entry.value.text)) is neither off nor 0 to 65535 seconds", "correct it")
                }
            case "presharedkey": report.addPresharedKey(origin(entry.key.position, entry))
            default: unknown(entry, section: "[Peer]")
            }
        }
        guard let publicKey else {
            if !hasKey {
                note(section.header, FieldPath(keys: "PublicKey"), "the peer has none", "add it; the peer is left out")
            }
            return
        }
        add(
            Peer(
                name: section.nameInComments,
                origin: Origin(file: file.path, position: section.header.position, path: FieldPath()),
                publicKey: publicKey, reach: reach))
    }

    /// A second section of the same key: its allowed IPs take the place of the first's (wg(8), setconf).
    private mutating func add(_ peer: Peer) {
        guard let index = peerIndexes[peer.publicKey] else {
            peerIndexes[peer.publicKey] = tunnel.peers.count
            return tunnel.peers.append(peer)
        }
        var merged = tunnel.peers[index]
        if !merged.reach.allowedIPs.isEmpty {
            report.add(
                merged.origin.named("PublicKey"), "the same key stands again at \(peer.origin.place)",
                "WireGuard takes the allowed IPs of the later section alone, and so did this import: make one of both")
        }
        merged.name = peer.name ?? merged.name
        merged.reach.allowedIPs = peer.reach.allowedIPs
        merged.reach.endpoint = peer.reach.endpoint ?? merged.reach.endpoint
        merged.reach.keepalive = peer.reach.keepalive ?? merged.reach.keepalive
        tunnel.peers[index] = merged
    }

    // MARK: reports

    private func origin(_ position: Position, _ entry: ConfigurationText.Entry) -> Origin {
        Origin(file: file.path, position: position, path: key(entry))
    }

    /// A key as it is written, if that is a word: anything else could be a part of a secret.
    private func key(_ entry: ConfigurationText.Entry) -> FieldPath {
        let key = entry.key.text
        let isWord = !key.isEmpty && key.utf8.count <= 24 && key.utf8.allSatisfy(isLetterOrDigit)
        return isWord ? FieldPath(keys: key) : FieldPath()
    }

    private mutating func number<Number: FixedWidthInteger>(
        _ entry: ConfigurationText.Entry, _ range: ClosedRange<Number>
    ) -> Number? {
        if let number: Number = decimal(entry.value.text), range.contains(number) { return number }
        refuse(
            entry, "\(shown(entry.value.text)) is not a number from \(range.lowerBound) to \(range.upperBound)",
            "correct it in the Overlay, if the default will not do")
        return nil
    }

    private mutating func refuse(_ entry: ConfigurationText.Entry, _ reason: String, _ remedy: String) {
        note(entry.key, key(entry), reason, remedy)
    }

    private mutating func unknown(_ entry: ConfigurationText.Entry, section: String) {
        refuse(entry, "wg-quick has no such key in \(section)", "correct or remove it")
    }

    private mutating func note(_ piece: Piece, _ path: FieldPath, _ reason: String, _ remedy: String) {
        report.add(Origin(file: file.path, position: piece.position, path: path), reason, remedy)
    }
}
