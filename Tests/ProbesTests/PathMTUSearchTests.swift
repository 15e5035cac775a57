import Testing

@testable import Probes

/// The search alone, on paths that exist as numbers.
struct PathMTUSearchTests {
    /// The answer, and the sizes that were asked about.
    private func search(promised: Int, path: Int) -> (carried: Int?, asked: [Int]) {
        var search = PathMTUSearch(promised: promised)
        var asked: [Int] = []
        while let size = search.next, asked.count < 100 {
            asked.append(size)
            search.note(size, passes: size <= path)
        }
        return (search.carried, asked)
    }

    @Test(arguments: [1280, 1281, 1420, 9000, 65535])
    func everyPathIsFoundToTheByte(_ promised: Int) {
        let paths = promised <= 9000 ? Array(1280...promised) : [1280, 1281, 1500, 9000, 65534, 65535]
        for path in paths {
            let (carried, asked) = search(promised: promised, path: path)
            #expect(carried == path)
            #expect(Set(asked).count == asked.count, "asked twice: \(asked)")
        }
    }

    @Test func aPromiseThatIsKeptCostsOneProbe() {
        #expect(search(promised: 1420, path: 9000).asked == [1420])
    }

    @Test func belowTheLeastNothingIsSearched() {
        #expect(search(promised: 1420, path: 1279) == (nil, [1420, 1280]))
        #expect(search(promised: 1280, path: 600) == (nil, [1280]))
    }

    @Test func aPathThatPromisesLessThanTheLeastIsAskedForThat() {
        #expect(search(promised: 576, path: 9000) == (576, [576]))
        #expect(search(promised: 576, path: 100) == (nil, [576]))
    }

    @Test func tenProbesAreEnoughForATunnel() {
        for path in 1280...1420 { #expect(search(promised: 1420, path: path).asked.count <= 10) }
    }
}
