extension Duration {
    /// A duration as Go's `time.ParseDuration` reads it: `1h30m`, `1.5s`, `-100ms`, `0`; nil for any other text and for
    /// more than 292 years.
    init?(goText text: String) {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        var sum: Int64 = 0
        if rest != "0" {
            repeat {
                guard let part = Duration.part(&rest) else { return nil }
                let (total, isTooLarge) = sum.addingReportingOverflow(part)
                guard !isTooLarge else { return nil }
                sum = total
            } while !rest.isEmpty
        }
        self = .nanoseconds(isNegative ? -sum : sum)
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// One number with its unit, in nanoseconds; a fraction of one is dropped.
    private static func part(_ rest: inout Substring) -> Int64? {
        func isDigit(_ character: Character) -> Bool { character >= "0" && character <= "9" }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty, let count = whole.isEmpty ? 0 : Int64(whole),
            let unit = units.first(where: { rest.hasPrefix($0.name) })
        else { return nil }
        rest = rest.dropFirst(unit.name.count)
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !isTooLarge else { return nil }
        let parts = (Double("0.\(fraction)") ?? 0) * Double(unit.nanoseconds)
        let (sum, overflows) = product.addingReportingOverflow(Int64(parts))
        return overflows ? nil : sum
    }
}
