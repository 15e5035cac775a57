internal import Manifest
internal import NetAddress

/// Names of Nodes, which are DNS-1123 labels.
extension Fleet {
    mutating func decideNames() {
        let candidates = members.map { member in
            if let name = member.sourceName, !label(name).isEmpty { return (short: hostLabel(name), long: label(name)) }
            let name = label(
                // Never empty: it is the name of a file, too.
                member.addresses.first.map { "peer-\($0.value)" }
                    ?? "peer-\(member.publicKey?.value.hex.prefix(8) ?? "")")
            return (short: name, long: name)
        }
        let counts = Dictionary(candidates.map { ($0.short, 1) }, uniquingKeysWith: +)
        var taken: Set<String> = []
        for (index, candidate) in candidates.enumerated() {
            // `web.a.example` and `web.b.example` keep their domains.
            let base = counts[candidate.short] == 1 ? candidate.short : candidate.long
            var name = base
            var number = 2
            while !taken.insert(name).inserted {
                name = label("\(base.prefix(58))-\(number)")
                number += 1
            }
            members[index].name = name
            reportHostName(index)
        }
    }

    /// A host that wgd finds no Node for by itself: it looks for the first label of the host's name.
    private mutating func reportHostName(_ index: Int) {
        let member = members[index]
        guard let tunnel = member.tunnel, tunnel.isNamedAsHost else { return }
        let short = tunnel.name.prefix { $0 != "." }
        let isAddress = IPAddress(tunnel.name) != nil
        guard isAddress || short != member.name else { return }
        let example = isAddress ? "" : ", such as \(escaped(String(short)))"
        report.add(
            member.origin.named("metadata", "name"),
            "the Node of \(escaped(tunnel.name)) is \(member.name), and wgd there looks for what `hostname -s` "
                + "prints\(example)", "set WGD_NODE=\(member.name) on that host, in /etc/default/wgd")
    }

    /// The first label of a DNS name, as a host calls itself; the whole of anything else.
    private func hostLabel(_ name: String) -> String {
        let parts = name.split(separator: ".").map(String.init)
        let isAddress = parts.allSatisfy { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        // `../host` begins with dots, and `/.a` with what leaves nothing of a label.
        return label(isAddress ? name : parts.first { !label($0).isEmpty } ?? name)
    }
}

/// A text as a DNS-1123 label: lower-case letters, digits and single hyphens, at most 63; empty if nothing is left.
func label(_ text: String) -> String {
    guard !isLabel(text) else { return text }
    var result = ""
    for byte in text.lowercased().utf8 {
        if isLetterOrDigit(byte) {
            result.unicodeScalars.append(Unicode.Scalar(byte))
        } else if !result.isEmpty, result.last != "-" {
            result += "-"
        }
    }
    result = String(result.prefix(63))
    return result.last == "-" ? String(result.dropLast()) : result
}

func isLabel(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
        && text.utf8.allSatisfy { isLetterOrDigit($0) && !(0x41...0x5a).contains($0) || $0 == UInt8(ascii: "-") }
}
