public import Foundation

/// Time spans as kubectl prints them: `45s`, `3m12s`, `5h`, `2d`.
public enum Age {
    /// Kubernetes' `duration.HumanDuration`: two units while the larger one is small, one after that.
    public static func text(seconds: TimeInterval) -> String {
        // A clock that went back, or a date from another host: nobody is helped by a negative age.
        let total = Int(max(0, min(seconds, 1e12)))
        let (minutes, hours, days) = (total / 60, total / 3600, total / 86400)
        return switch total {
        case ..<120: "\(total)s"
        case ..<600: pair(minutes, "m", total % 60, "s")
        case ..<(3 * 3600): "\(minutes)m"
        case ..<(8 * 3600): pair(hours, "h", minutes % 60, "m")
        case ..<(48 * 3600): "\(hours)h"
        case ..<(8 * 86400): pair(days, "d", hours % 24, "h")
        case ..<(2 * 365 * 86400): "\(days)d"
        case ..<(8 * 365 * 86400): pair(days / 365, "y", days % 365, "d")
        default: "\(days / 365)y"
        }
    }

    /// The age of a moment; `-` when there is none.
    public static func text(since date: Date?, now: Date) -> String {
        date.map { text(seconds: now.timeIntervalSince($0)) } ?? "-"
    }

    private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}

/// RFC 3339 in UTC, whole seconds, as in the JSON.
public func timestampText(_ date: Date) -> String { date.formatted(.iso8601) }

/// Bytes with binary units: `812B`, `1.5KiB`, `20MiB`.
public func bytesText(_ bytes: UInt64) -> String {
    var value = Double(bytes)
    var units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][...]
    while value >= 1024, units.count > 1 {
        value /= 1024
        units.removeFirst()
    }
    let tenths = (value * 10).rounded() / 10
    let number =
        units.first == "B" || tenths >= 10 || tenths == tenths.rounded() ? "\(Int(value.rounded()))" : "\(tenths)"
    return number + (units.first ?? "")
}
