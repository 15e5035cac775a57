import NetAddress
import Testing

@testable import Import

@Suite struct SortedRangesTests {
    /// Against a look at everything, on random networks that nest often.
    @Test func overlapsAreThoseOfALookAtEverything() {
        var random = SplitMix64(state: 7)
        func network() -> CIDR {
            let length = Int.random(in: 0...8, using: &random)
            return CIDR(containing: IPAddress(v4: .random(in: 0...255, using: &random) << 24), prefixLength: length)
        }
        for _ in 0..<50 {
            let networks = Array(Set((0..<20).map { _ in network() }))
            var ranges = SortedRanges(networks.prefix(10).map { (network: $0, value: $0) })
            for extra in networks.dropFirst(10) { ranges.insert(extra, at: extra) }
            for _ in 0..<20 {
                let asked = network()
                #expect(Array(ranges.inside(asked)) == networks.filter { asked.contains($0) }.sorted())
                #expect(
                    Array(ranges.around(asked))
                        == networks.filter { $0 != asked && $0.contains(asked) }
                        .sorted { $0.prefixLength < $1.prefixLength })
            }
        }
    }
}
