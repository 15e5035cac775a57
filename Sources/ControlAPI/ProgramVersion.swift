/// The version of wgd and wgctl, which are one program.
public enum ProgramVersion {
    public static let current = "0.1.0"

    /// Below zero when `a` is older than `b`, above when it is newer: `0.9.1` is older than `0.10`.
    static func compare(_ a: String, _ b: String) -> Int {
        func numbers(_ version: String) -> [Int] {
            version.split(whereSeparator: { ".-+".contains($0) }).map { Int($0) ?? 0 }
        }
        let (a, b) = (numbers(a), numbers(b))
        for index in 0..<max(a.count, b.count) {
            let (left, right) = (index < a.count ? a[index] : 0, index < b.count ? b[index] : 0)
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }
}
