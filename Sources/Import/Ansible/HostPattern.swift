/// Hosts as an inventory names them: `web1`, `web[01:03].example.org`, `db-[a:f]:2222`.
enum HostPattern {
    /// How many hosts the ranges of one inventory may stand for, all together: as many as a fleet has manifests.
    static let limit = 65536
    /// The longest pattern in bytes: no host's name has more than 253 (RFC 1035), and a range takes some more.
    static let lengthLimit = 1024

    /// What is wrong with a pattern, and what to do instead.
    struct Problem: Error, Hashable {
        let reason: String
        let remedy: String
    }

    /// The hosts that a pattern stands for.
    ///
    /// - Parameter budget: how many more hosts ranges may stand for; those of this pattern are taken from it.
    /// - Throws: `Problem` for a range that cannot be read or is too long, and for what is no name of a host.
    static func hosts(_ pattern: String, budget: inout Int) throws(Problem) -> [String] {
        guard pattern.utf8.count <= lengthLimit else {
            throw Problem(
                reason: "the name has \(pattern.utf8.count) bytes, more than \(lengthLimit)", remedy: "shorten it")
        }
        guard let pieces = pieces(of: withoutPort(pattern)) else {
            throw Problem(
                reason: "\(shown(pattern)) is not a range of hosts", remedy: "write it such as web[01:20].example.org")
        }
        let count = count(pieces)
        guard let count, pieces.count == 1 || count <= budget else {
            throw Problem(
                reason: "\(shown(pattern)) makes more than \(limit) hosts of all ranges together",
                remedy: "split the inventory, or write shorter ranges")
        }
        if pieces.count > 1 { budget -= count }
        let hosts = expanded(pieces)
        // They are alike but for letters and digits of the ranges.
        if let first = hosts.first, let problem = problem(ofName: first) { throw problem }
        return hosts
    }

    /// Literal texts and ranges in turn, a text first and last; nil for a range that cannot be read.
    private static func pieces(of pattern: String) -> [[String]]? {
        var pieces: [[String]] = []
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "["), let close = rest[open...].firstIndex(of: "]") {
            let bounds = rest[rest.index(after: open)..<close].split(
                separator: ":", omittingEmptySubsequences: false)
            // `[fd00::1]` is an address in brackets.
            guard (2...3).contains(bounds.count), let range = range(bounds.map(String.init)) else { return nil }
            pieces += [[String(rest[..<open])], range]
            rest = rest[rest.index(after: close)...]
        }
        return pieces + [[String(rest)]]
    }

    /// How many hosts pieces stand for; nil for more than fit a number.
    private static func count(_ pieces: [[String]]) -> Int? {
        pieces.reduce(1) { product, piece in
            guard let (count, isOver) = product?.multipliedReportingOverflow(by: piece.count), !isOver else {
                return nil
            }
            return count
        }
    }

    private static func expanded(_ pieces: [[String]]) -> [String] {
        pieces.reduce([""]) { hosts, piece in hosts.flatMap { host in piece.map { host + $0 } } }
    }

    /// A host's name becomes that of a Node and of a file: a path is none.
    private static func problem(ofName name: String) -> Problem? {
        if name.contains("/") {
            return Problem(
                reason: "\(shown(name)) is a path, not the name of a host",
                remedy: "write the host's name; it is left out")
        }
        if !name.utf8.contains(where: isLetterOrDigit) {
            return Problem(
                reason: "\(shown(name)) has neither a letter nor a digit, and is no name of a host",
                remedy: "write the host's name; it is left out")
        }
        return nil
    }

    private static func range(_ bounds: [String]) -> [String]? {
        let step: Int = bounds.count == 3 ? decimal(bounds[2]) ?? 0 : 1
        guard step > 0 else { return nil }
        if let first = letters.firstIndex(of: bounds[0]), let last = letters.firstIndex(of: bounds[1]) {
            return first <= last ? stride(from: first, through: last, by: step).map { letters[$0] } : nil
        }
        // An open beginning is 0; a leading zero gives the width.
        let start = bounds[0].isEmpty ? "0" : bounds[0]
        guard !bounds[1].isEmpty, let first: Int = decimal(start), let last: Int = decimal(bounds[1]), first <= last
        else { return nil }
        let isPadded = start.hasPrefix("0") && start.utf8.count > 1
        if isPadded, start.utf8.count != bounds[1].utf8.count { return nil }
        // Beyond the limit the rest is not made: it is counted as too many all the same.
        return stride(from: first, through: last, by: step).prefix(limit + 1).map { number in
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
