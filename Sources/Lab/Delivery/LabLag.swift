/// A host that receives each edit of the manifest directory late: `--lag HOST=TIME`.
public struct LabLag: Hashable, Sendable {
    /// The Node's name.
    public let host: String
    /// Whole milliseconds, more than zero.
    public let delay: Duration

    /// Parses `HOST=TIME`, the time a whole number with a unit: `500ms`, `60s`, `2m`.
    ///
    /// - Throws: `LabError.badLagOption`.
    public init(parsing text: String) throws(LabError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, let delay = Self.duration(parts[1]) else {
            throw .badLagOption(text)
        }
        host = parts[0]
        self.delay = delay
    }

    /// The delays by host.
    ///
    /// - Throws: `LabError.noSuchHost`, `.lagGivenTwice`.
    static func delays(_ lags: [LabLag], hosts: [String], lab: String) throws(LabError) -> [String: Duration] {
        var delays: [String: Duration] = [:]
        for lag in lags {
            guard hosts.contains(lag.host) else { throw .noSuchHost(lag.host, lab: lab, known: hosts) }
            guard delays.updateValue(lag.delay, forKey: lag.host) == nil else { throw .lagGivenTwice(host: lag.host) }
        }
        return delays
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let milliseconds: Int64? =
            switch text.dropFirst(digits.count) {
            case "ms": 1
            case "s": 1000
            case "m": 60_000
            default: nil
            }
        // A year is more than any lab lives, and far from what a deadline can hold.
        guard let milliseconds, let number = Int64(digits), (1...31_536_000_000 / milliseconds).contains(number) else {
            return nil
        }
        return .milliseconds(number * milliseconds)
    }
}

extension Duration {
    /// Rounded down. In whole numbers: `self / .milliseconds(1)` is a `Double`, just below the number for one in ten.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// `60s` or `1500ms`: as `--lag` takes it.
    public var text: String { milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms" }
}
