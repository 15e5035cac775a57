/// Kubernetes' quantities, as `resources.limits` writes them.
public enum Quantity {
    /// CPU: `500m`, `1.5`, `2`, in thousandths of a core.
    public static func milli(_ text: String) -> Int64? {
        text.hasSuffix("m") ? whole(text.dropLast()) : scaled(text[...], by: 1000)
    }

    /// Memory: `64Mi`, `1G`, `1048576`, in bytes; a fraction of a byte is rounded down.
    public static func bytes(_ text: String) -> Int64? {
        let suffixes: [(suffix: String, factor: Int64)] = [
            ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40),
            ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
        ]
        for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
            return scaled(text.dropLast(suffix.count), by: factor)
        }
        return scaled(text[...], by: 1)
    }

    private static func whole(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }

    /// `DIGITS` or `DIGITS.DIGITS` times a factor; nil when it overflows 64 bits.
    private static func scaled(_ text: Substring, by factor: Int64) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let head = parts.first, let units = whole(head) else { return nil }
        let (product, isTooLarge) = units.multipliedReportingOverflow(by: factor)
        guard !isTooLarge else { return nil }
        guard parts.count == 2 else { return product }
        guard parts[1].count <= 3, let fraction = whole(parts[1]) else { return nil }
        let divisor = [1, 10, 100, 1000][parts[1].count] as Int64
        let (sum, overflows) = product.addingReportingOverflow(
            factor / divisor * fraction + factor % divisor * fraction / divisor)
        return overflows ? nil : sum
    }
}

/// Durations as Go writes them.
public enum GoDuration {
    /// `1m30s`, `2h`, `0s` in whole seconds; nil for `100ms` and other text that is no whole number of seconds.
    public static func seconds(_ text: String) -> Int? {
        guard let milliseconds = milliseconds(text), milliseconds % 1000 == 0 else { return nil }
        return milliseconds / 1000
    }

    /// `100ms`, `1s500ms` in milliseconds; nil when it is no duration or overflows.
    public static func milliseconds(_ text: String) -> Int? {
        let units: [(name: String, factor: Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        var rest = text[...]
        var sum = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let count = Int(digits), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: unit.factor)
            let (total, overflows) = sum.addingReportingOverflow(product)
            guard !isTooLarge, !overflows else { return nil }
            sum = total
        } while !rest.isEmpty
        return sum
    }
}
