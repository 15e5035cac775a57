internal import Manifest
internal import NetAddress

/// Values of variables; what cannot be read is reported and left out.
extension AnsibleHostReader {
    /// Text, of a list each item; a text may hold several, separated by commas or white space.
    mutating func texts(_ variable: AnsibleVariable) -> [Sourced<String>] {
        guard case .list(let items) = variable.value.content else {
            guard let text = text(variable) else { return [] }
            let words = text.value.split { $0 == "," || $0.isWhitespace }
            return words.map { Sourced(value: String($0), origin: text.origin) }
        }
        return items.enumerated().flatMap { index, item -> [Sourced<String>] in
            var origin = variable.origin
            (origin.position, origin.path) = (item.position, origin.path + index)
            return texts(AnsibleVariable(value: item, origin: origin))
        }
    }

    mutating func text(_ variable: AnsibleVariable) -> Sourced<String>? {
        switch variable.value.content {
        case .text(let text): return Sourced(value: text, origin: variable.origin)
        case .null: return nil
        case .opaque(let reason, let remedy): report.add(variable.origin, reason, remedy)
        case .list, .mapping: report.add(variable.origin, "is not a text", "write a single value")
        }
        return nil
    }

    mutating func networks(_ variable: AnsibleVariable) -> [Sourced<InterfaceAddress>] {
        texts(variable).compactMap { text in
            if let network = InterfaceAddress(text.value) { return Sourced(value: network, origin: text.origin) }
            report.add(
                text.origin, "\(shown(text.value)) is not an address or network",
                "write it such as 10.0.0.0/24 into spec.overlays[0].routes")
            return nil
        }
    }

    mutating func keepalive(_ variable: AnsibleVariable) -> Sourced<UInt16>? {
        guard let text = text(variable), !text.value.isEmpty else { return nil }
        if let seconds = wireGuardKeepalive(text.value) { return Sourced(value: seconds, origin: text.origin) }
        report.add(text.origin, "\(shown(text.value)) is neither off nor 0 to 65535 seconds", "correct it")
        return nil
    }

    /// Without one, as with an empty text, it is off.
    mutating func mark() -> Sourced<UInt32>? {
        let off = Sourced<UInt32>(value: 0, origin: tunnel.origin.named(WireGuardRole.mark))
        guard let variable = variables[WireGuardRole.mark] else { return off }
        if case .null = variable.value.content { return off }
        guard let text = text(variable) else { return nil }
        if text.value.isEmpty { return Sourced(value: 0, origin: text.origin) }
        if let mark = wireGuardMark(text.value) { return Sourced(value: mark, origin: text.origin) }
        report.add(text.origin, "\(shown(text.value)) is no mark", "write off or a number of at most 32 bits")
        return nil
    }

    mutating func number<Number: FixedWidthInteger>(
        _ name: String, _ range: ClosedRange<Number>
    ) -> Sourced<Number>? {
        guard let text = variables[name].flatMap({ text($0) }), !text.value.isEmpty else { return nil }
        if let number: Number = decimal(text.value), range.contains(number) {
            return Sourced(value: number, origin: text.origin)
        }
        report.add(
            text.origin, "\(shown(text.value)) is not a number from \(range.lowerBound) to \(range.upperBound)",
            "correct it in the Overlay, if the default will not do")
        return nil
    }
}
