import Testing

@testable import ControlAPI

/// Ages, sizes and label selectors.
@Suite struct TextTests {
    /// From the test of Kubernetes' `duration.HumanDuration`.
    @Test(arguments: [
        (-3, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (192, "3m12s"), (599, "9m59s"), (600, "10m"),
        (10799, "179m"), (10800, "3h"), (11100, "3h5m"), (28800, "8h"), (172799, "47h"), (172800, "2d"),
        (176400, "2d1h"), (691200, "8d"), (63_071_999, "729d"), (63_072_000, "2y"), (63_158_400, "2y1d"),
        (252_288_000, "8y"),
    ])
    func ages(_ seconds: Int, _ text: String) {
        #expect(Age.text(seconds: Double(seconds)) == text)
    }

    @Test(
        arguments: [
            (0, "0B"), (1023, "1023B"), (1024, "1KiB"), (1536, "1.5KiB"), (20 << 20, "20MiB"), (UInt64.max, "16EiB"),
        ] as [(UInt64, String)])
    func byteCounts(_ bytes: UInt64, _ text: String) {
        #expect(bytesText(bytes) == text)
    }

    @Test(arguments: [
        ("a=1", true), ("a==1", true), ("a = 1", true), ("a!=1", false), ("a=2", false), ("c!=1", true),
        ("a in (1, 2)", true), ("a in (2)", false), ("a notin (2,3)", true), ("c notin (2)", true), ("a", true),
        ("c", false), ("!c", true), ("!a", false), ("a=1,b=x", true), ("a=1,b in (y,z)", false), ("b=x,!c,a", true),
    ])
    func selectors(_ text: String, _ matches: Bool) throws {
        #expect(try LabelSelector(text).matches(["a": "1", "b": "x"]) == matches)
    }

    @Test(arguments: ["", "=", "a in", "a in 1", "a=b=c", "a b", "a in (1", "a,,b", "a=$x", "!"])
    func badSelectors(_ text: String) {
        #expect(throws: LabelSelector.ParseError(text: text)) { try LabelSelector(text) }
    }
}
