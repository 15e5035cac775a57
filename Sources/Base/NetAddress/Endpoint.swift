/// Where a WireGuard peer listens, as an author writes it: `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
public struct Endpoint: Hashable, Sendable {
    public enum Host: Hashable, Sendable {
        case address(IPAddress)
        /// A DNS name, lower-cased.
        case name(String)
    }

    public let host: Host
    /// 1 to 65535; nil means the overlay's own listen port.
    public let port: UInt16?

    public init(host: Host, port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// Parses the four forms; nil for a bare IPv6 address with a port, port 0, and names that DNS cannot hold (RFC 1123).
    public init?(_ text: String) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"),
                let address = IPAddress(String(text[text.index(after: text.startIndex)..<end])), address.family == .v6
            else { return nil }
            let rest = text[text.index(after: end)...]
            if rest.isEmpty {
                self.init(host: .address(address), port: nil)
                return
            }
            guard rest.hasPrefix(":"), let port = Endpoint.port(rest.dropFirst()) else { return nil }
            self.init(host: .address(address), port: port)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return nil }
        var port: UInt16?
        if parts.count == 2 {
            guard let given = Endpoint.port(parts[1]) else { return nil }
            port = given
        }
        if let address = IPAddress(String(name)) {
            self.init(host: .address(address), port: port)
        } else {
            guard Endpoint.isDNSName(name) else { return nil }
            self.init(host: .name(name.lowercased()), port: port)
        }
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard let port = UInt16(text), port > 0, String(port) == text else { return nil }
        return port
    }

    private static func isDNSName(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isDigits = labels.last?.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ?? true
        return text.utf8.count <= 253 && !isDigits
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 45
                    }
            }
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String {
        let hostText =
            switch host {
            case .address(let address): address.family == .v6 ? "[\(address)]" : "\(address)"
            case .name(let name): name
            }
        return port.map { "\(hostText):\($0)" } ?? hostText
    }
}

extension Endpoint: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "an endpoint", Endpoint.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

/// An address and a port, as the kernel reports and takes them.
public struct SocketAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    public let address: IPAddress
    public let port: UInt16

    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    public var description: String { address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
