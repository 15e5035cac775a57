internal import Manifest
internal import NetAddress

/// Reads one file of wg-quick into a tunnel, and reports what a manifest has no field for.
struct WgQuickReader {
    let file: WgQuickFile
    var tunnel: Tunnel
    private(set) var hints = OverlayHints()
    var report = Report()
    /// Whether there is an [Interface] at all.
    private(set) var hasInterface = false
    /// Where the peer of a key stands in `tunnel.peers`.
    var peerIndexes: [PublicKey: Int] = [:]

    init(_ file: WgQuickFile) {
        self.file = file
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

    private mutating func read(interface section: ConfigurationText.Section) {
        if !hasInterface {
            hasInterface = true
            tunnel.origin.position = section.header.position
            tunnel.fwmark = Sourced(value: 0, origin: tunnel.origin.named("FwMark"))
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
        case "fwmark":
            tunnel.fwmark = wireGuardMark(text).map {
                Sourced(value: $0, origin: origin(entry.key.position, entry))
            }
            if tunnel.fwmark == nil {
                refuse(entry, "\(shown(text)) is no mark", "write off or a number of at most 32 bits")
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
        case "saveconfig": setting = .saving
        case "preup", "postup", "predown", "postdown": setting = .command
        default: return unknown(entry, section: "[Interface]")
        }
        if let (reason, remedy) = setting.explanation(of: entry.value.text) { refuse(entry, reason, remedy) }
    }

    // MARK: What the reading of every section needs

    func origin(_ position: Position, _ entry: ConfigurationText.Entry) -> Origin {
        Origin(file: file.path, position: position, path: key(entry))
    }

    /// A key as it is written, if that is a word: anything else could be a part of a secret.
    func key(_ entry: ConfigurationText.Entry) -> FieldPath {
        let key = entry.key.text
        let isWord = !key.isEmpty && key.utf8.count <= 24 && key.utf8.allSatisfy(isLetterOrDigit)
        return isWord ? FieldPath(keys: key) : FieldPath()
    }

    mutating func number<Number: FixedWidthInteger>(
        _ entry: ConfigurationText.Entry, _ range: ClosedRange<Number>
    ) -> Number? {
        if let number: Number = decimal(entry.value.text), range.contains(number) { return number }
        refuse(
            entry, "\(shown(entry.value.text)) is not a number from \(range.lowerBound) to \(range.upperBound)",
            "correct it in the Overlay, if the default will not do")
        return nil
    }

    mutating func refuse(_ entry: ConfigurationText.Entry, _ reason: String, _ remedy: String) {
        note(entry.key, key(entry), reason, remedy)
    }

    mutating func unknown(_ entry: ConfigurationText.Entry, section: String) {
        refuse(entry, "wg-quick has no such key in \(section)", "correct or remove it")
    }

    mutating func note(_ piece: ConfigurationText.Piece, _ path: FieldPath, _ reason: String, _ remedy: String) {
        report.add(Origin(file: file.path, position: piece.position, path: path), reason, remedy)
    }
}
