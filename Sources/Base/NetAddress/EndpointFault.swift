/// What keeps a text from being an endpoint.
public struct EndpointFault: Hashable, Sendable {
    /// For the sentence "it …": the first character or part that is wrong.
    public let reason: String
    /// What to do about that part; nil where only the forms can be told.
    public let remedy: String?

    init(_ reason: String, _ remedy: String? = nil) {
        self.reason = reason
        self.remedy = remedy
    }

    /// - Parameter text: one that `Endpoint.init(_:)` does not take.
    public init(in text: String) { self = EndpointFault.ofWhole(text) ?? EndpointFault.ofParts(text) }

    private static let unreadable = EndpointFault("cannot be read")

    private static func ofParts(_ text: String) -> EndpointFault {
        if text.hasPrefix("[") { return inBrackets(text) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 2 {
            return IPAddress(text)?.family == .v6
                ? EndpointFault("is an IPv6 address without brackets", "write [\(text)]")
                : EndpointFault(
                    "has \(parts.count - 1) colons", "write an IPv6 address in brackets, and the port after one colon")
        }
        return parts.first.flatMap(inHost) ?? (parts.count == 2 ? inPort(parts[1]) : nil) ?? unreadable
    }

    private static func ofWhole(_ text: String) -> EndpointFault? {
        if text.isEmpty { return EndpointFault("is empty") }
        if let scheme = text.firstRange(of: "://") {
            return EndpointFault("begins with \(text[..<scheme.upperBound])", "leave that out")
        }
        if text.contains(",") { return EndpointFault("has a comma", "write one endpoint: a node has no more") }
        if let slash = text.firstIndex(of: "/") {
            return EndpointFault("ends with \(text[slash...])", "leave that out")
        }
        if text.contains("%") {
            return EndpointFault("has a zone (%), which only one host knows", "write an address that others reach")
        }
        guard text.contains(where: \.isWhitespace) else { return nil }
        if let odd = text.unicodeScalars.first(where: { $0.properties.isWhitespace && $0 != " " }) {
            let digits = String(odd.value, radix: 16, uppercase: true)
            let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return EndpointFault("has the character \(code), which looks like a space", "remove it")
        }
        let isAround = text.first?.isWhitespace == true || text.last?.isWhitespace == true
        return EndpointFault(isAround ? "begins or ends with a blank" : "has a blank in it", "remove the blank")
    }

    private static func inBrackets(_ text: String) -> EndpointFault {
        guard let end = text.firstIndex(of: "]") else { return EndpointFault("has [ without ]") }
        let inner = text[text.index(after: text.startIndex)..<end]
        guard IPAddress(String(inner))?.family == .v6 else {
            return EndpointFault("has \(inner) in brackets, which is not an IPv6 address")
        }
        let rest = text[text.index(after: end)...]
        guard rest.hasPrefix(":") else { return EndpointFault("has \(rest) after ], not : and a port") }
        return inPort(rest.dropFirst()) ?? unreadable
    }

    private static func inPort(_ text: Substring) -> EndpointFault? {
        if text.isEmpty { return EndpointFault("has no port after the colon", "write the port, or leave : out") }
        guard text.utf8.allSatisfy(isDigit) else { return EndpointFault("has the port \(text), which is not a number") }
        if text.first == "0", text.utf8.count > 1 { return EndpointFault("has the port \(text), with a leading zero") }
        guard let port = UInt16(text), port > 0 else {
            return EndpointFault("has the port \(text)", "write one from 1 to 65535")
        }
        return nil
    }

    private static func inHost(_ text: Substring) -> EndpointFault? {
        if text.isEmpty { return EndpointFault("has no host before the colon") }
        if let odd = text.unicodeScalars.first(where: { !isHostCharacter($0) }) {
            return odd.isASCII
                ? EndpointFault(
                    "has the character \(odd)", "use letters, digits, hyphens and dots: a DNS name has no others")
                : EndpointFault("has the character \(odd)", "write the name as DNS has it, beginning with xn--")
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.last?.isEmpty == true { return EndpointFault("ends with a dot", "leave the dot out") }
        if labels.contains(where: \.isEmpty) {
            return EndpointFault("has a dot with nothing before it", "remove the dot")
        }
        if labels.last?.utf8.allSatisfy(isDigit) == true { return inNumbers(labels) }
        for label in labels {
            if label.utf8.count > 63 {
                return EndpointFault("has a part of \(label.utf8.count) characters; DNS takes 63")
            }
            if label.first == "-" || label.last == "-" {
                return EndpointFault("has a hyphen at an end of \(label)", "remove the hyphen")
            }
        }
        return text.utf8.count > 253 ? EndpointFault("has \(text.utf8.count) characters; DNS takes 253") : nil
    }

    /// A last part of digits makes it an IPv4 address, or none.
    private static func inNumbers(_ labels: [Substring]) -> EndpointFault? {
        for label in labels where label.utf8.allSatisfy(isDigit) {
            if label.first == "0", label.utf8.count > 1 {
                return EndpointFault("has \(label), with a leading zero", "leave the zeros out")
            }
            if UInt8(label) == nil { return EndpointFault("has \(label), which is over 255") }
        }
        guard labels.count == 4, labels.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else {
            return EndpointFault("ends with a number, and has not four numbers as an IPv4 address")
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHostCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".": true
        default: false
        }
    }
}

extension Endpoint {
    /// Why no other host can reach this one there, as a sentence; nil when some could.
    public var whyUnreachable: String? {
        switch host {
        case .name(let name):
            // RFC 6761, section 6.3.
            return name == "localhost" || name.hasSuffix(".localhost") ? "\(name) is each host itself" : nil
        case .address(let address):
            if address.isUnspecified { return "\(address) stands for no address" }
            if address.isLoopback { return "\(address) is each host itself (loopback)" }
            if address.isMulticast { return "\(address) is a multicast group" }
            // RFC 919, section 7.
            if address.family == .v4, address.value == 0xffff_ffff { return "\(address) is the broadcast address" }
            return nil
        }
    }
}
