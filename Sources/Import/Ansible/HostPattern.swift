/// Hosts as an inventory names them: `web1`, `web[01:03].example.org`, `db-[a:f]:2222`.
enum HostPattern {
    /// More hosts than this from one pattern are refused.
    static let limit = 65536

    /// The hosts that a pattern stands for; nil for a range that cannot be read or is too long.
    static func hosts(_ pattern: String) -> [String]? { expand(withoutPort(pattern)) }

    private static func expand(_ pattern: String) -> [String]? {
        guard let open = pattern.firstIndex(of: "["), let close = pattern[open...].firstIndex(of: "]") else {
            return [pattern]
        }
        let bounds = pattern[pattern.index(after: open)..<close].split(separator: ":", omittingEmptySubsequences: false)
        // `[fd00::1]` is an address in brackets.
        guard (2...3).contains(bounds.count), let range = range(bounds.map(String.init)) else { return nil }
        var hosts: [String] = []
        for item in range {
            guard let further = expand(pattern[..<open] + item + pattern[pattern.index(after: close)...]),
                hosts.count + further.count <= limit
            else { return nil }
            hosts += further
        }
        return hosts
    }

    private static func range(_ bounds: [String]) -> [String]? {
        let step: Int = bounds.count == 3 ? decimal(bounds[2]) ?? 0 : 1
        guard step > 0 else { return nil }
        if let first = letters.firstIndex(of: bounds[0]), let last = letters.firstIndex(of: bounds[1]) {
            return first <= last ? stride(from: first, through: last, by: step).map { letters[$0] } : nil
        }
        // An open beginning is 0; a leading zero gives the width.
        let start = bounds[0].isEmpty ? "0" : bounds[0]
        guard !bounds[1].isEmpty, let first: Int = decimal(start), let last: Int = decimal(bounds[1]), first <= last,
            (last - first) / step < limit
        else { return nil }
        let isPadded = start.hasPrefix("0") && start.utf8.count > 1
        if isPadded, start.utf8.count != bounds[1].utf8.count { return nil }
        return stride(from: first, through: last, by: step).map { number in
            let text = String(number)
            let zeros = isPadded ? max(0, start.utf8.count - text.utf8.count) : 0
            return String(repeating: "0", count: zeros) + text
        }
    }

    private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init)

    /// SSH's port says nothing of WireGuard.
    private static func withoutPort(_ pattern: String) -> String {
        guard let colon = pattern.lastIndex(of: ":"), let _: UInt16 = decimal(String(pattern[colon...].dropFirst())),
            !pattern[colon...].contains("]")
        else { return pattern }
        let host = pattern[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.filter({ $0 == ":" }).count > 2 {
            return String(host.dropFirst().dropLast())
        }
        // More colons outside of brackets are an IPv6 address.
        return host.split(separator: "[").first?.contains(":") == true ? pattern : String(host)
    }
}
