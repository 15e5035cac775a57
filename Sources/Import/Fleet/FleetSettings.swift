internal import Manifest
internal import NetAddress

/// What the Overlay says for all hosts, where the sources say it for each.
struct FleetSettings {
    var interface = "wg0"
    var listenPort: UInt16 = 51820
    /// Bytes; nil is worked out by each host.
    var mtu: Sourced<UInt32>?
    /// Seconds; nil is 25 on hosts without an endpoint, else off.
    var keepalive: Sourced<UInt16>?
    /// nil is off.
    var fwmark: Sourced<UInt32>?
}

extension Fleet {
    mutating func decideSettings() {
        for index in members.indices {
            guard let interface = members[index].tunnel?.interface, !isInterfaceName(interface.value) else { continue }
            report.add(
                interface.origin, "\(shown(interface.value)) cannot be the name of an interface here",
                "the overlay's own is taken; change spec.wireguard.interface of the Overlay")
            members[index].tunnel?.interface = nil
        }
        let tunnels = members.compactMap(\.tunnel)
        let endpoints = members.flatMap(\.statements).compactMap { $0.reach.endpoint?.value.port }
        settings.interface = mostFrequent(tunnels.compactMap(\.interface?.value)) ?? settings.interface
        settings.listenPort =
            mostFrequent(tunnels.compactMap(\.listenPort?.value)) ?? mostFrequent(endpoints) ?? settings.listenPort
        decideMTU(tunnels.compactMap(\.mtu))
        decideMark(tunnels.compactMap(\.fwmark))
    }

    /// The smallest: what is larger than a host's own way cannot be carried.
    private mutating func decideMTU(_ given: [Sourced<UInt32>]) {
        guard let smallest = given.min(by: { ($0.value, $0.origin) < ($1.value, $1.origin) }) else { return }
        settings.mtu = smallest
        for other in given where other.value != smallest.value {
            report.add(
                other.origin, "\(other.value) differs from \(smallest.value) at \(smallest.origin.place)",
                "an overlay has one MTU, the smaller was taken; change spec.wireguard.mtu, or remove it")
        }
    }

    /// That of most hosts, where none counts as 0; of equals the lowest. Hosts that get another than their own are
    /// told: rules there may look for the old one, or for the new one in the packets of somebody else.
    private mutating func decideMark(_ given: [Sourced<UInt32>]) {
        let usual = mostFrequent(given.map(\.value))
        guard let mark = given.first(where: { $0.value == usual }) else { return }
        if mark.value != 0 { settings.fwmark = mark }
        for other in given where other.value != mark.value {
            report.add(
                other.origin,
                "\(text(ofMark: other.value)) differs from \(text(ofMark: mark.value)) at \(mark.origin.place)",
                "an overlay has one mark, that of most hosts was taken; change spec.wireguard.fwmark")
        }
    }

    /// As wg has it.
    private func text(ofMark mark: UInt32) -> String { mark == 0 ? "off" : "\(mark)" }

    /// The shortest of those that are given, unless the default does: it keeps every way open that a longer one keeps.
    /// 0 counts as not given, since that is WireGuard's default.
    mutating func decideKeepalive() {
        let given = members.flatMap { member in
            member.statements.compactMap { statement -> (Sourced<UInt16>, fallback: UInt16)? in
                guard let keepalive = statement.reach.keepalive, keepalive.value > 0 else { return nil }
                return (keepalive, members[statement.speaker].endpoint == nil ? 25 : 0)
            }
        }
        guard given.contains(where: { $0.0.value != $0.fallback }),
            let shortest = given.map(\.0).min(by: { ($0.value, $0.origin) < ($1.value, $1.origin) })
        else { return }
        settings.keepalive = shortest
        for (other, _) in given where other.value != shortest.value {
            report.add(
                other.origin, "\(other.value) differs from \(shortest.value) at \(shortest.origin.place)",
                "an overlay has one interval, the shorter was taken; change spec.wireguard.persistentKeepalive")
        }
    }

    /// The value that stands most often, of equals the lowest.
    private func mostFrequent<Value: Hashable & Comparable>(_ values: [Value]) -> Value? {
        Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
            .min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }

    /// What `spec.wireguard.interface` takes.
    private func isInterfaceName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 15 else { return false }
        return isLetterOrDigit(first) && text.utf8.allSatisfy { isLetterOrDigit($0) || "_.-".utf8.contains($0) }
    }
}
