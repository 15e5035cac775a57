import Testing

@testable import ManifestWatch

/// How long a change waits before it is read.
@Suite struct QuietTests {
    private let start = ContinuousClock.now
    private let period = Duration.milliseconds(20)

    private func noticed(_ changes: [String: Noticed.Change]) -> Noticed {
        .entries(
            Dictionary(
                uniqueKeysWithValues: changes.map { (RelativePath(bytes: Array($0.key.utf8)), $0.value) }))
    }

    private func pause(_ noticed: Noticed, isMoreLikely: Bool = false) -> Duration {
        Quiet(period: period).pause(after: noticed, isMoreLikely: isMoreLikely, at: start)
    }

    @Test func onlyOneReplacedManifestIsReadEarly() {
        #expect(pause(noticed(["a.yaml": .replaced])) == Quiet.grace)
        #expect(pause(noticed(["a.yaml": .replaced, "a.yaml.new": .gone, ".b": .gone])) == Quiet.grace)
        for burst in [
            ["a.yaml": .replaced, "b.yaml": .replaced], ["a.yaml": .other], ["a.yaml": .gone],
            ["a.yaml": .replaced, "b.yaml": .gone], ["a.yaml": .replaced, "b.yaml": .other],
            ["a.yaml": .replaced, "b.yaml.new": .other], ["notes": .gone],
        ] as [[String: Noticed.Change]] {
            #expect(pause(noticed(burst)) == period, "\(burst)")
        }
        #expect(pause(.anything) == period)
        #expect(pause(noticed(["a.yaml": .replaced]), isMoreLikely: true) == period)
    }

    /// The last that happened to a file decides.
    @Test func whatWasWrittenAndThenReplacedIsComplete() {
        var changes = noticed(["a.yaml": .other, "t": .other])
        changes.add(noticed(["a.yaml": .replaced, "t": .gone]))
        #expect(changes.isOneReplacement)
        changes.add(noticed(["a.yaml": .other]))
        #expect(!changes.isOneReplacement)
        changes.add(.anything)
        #expect(!changes.isOneReplacement)
    }

    /// A rename soon after another change is part of a burst, also when the first was read already.
    @Test func whatFollowsAChangeWaits() {
        var quiet = Quiet(period: period)
        let rename = noticed(["a.yaml": .replaced])
        func pause(after milliseconds: Int) -> Duration {
            quiet.pause(after: rename, isMoreLikely: false, at: start + .milliseconds(milliseconds))
        }
        quiet.read(noticed(["b.yaml": .replaced]), at: start)
        #expect(pause(after: 5) == period && pause(after: 20) == period)
        #expect(pause(after: 21) == Quiet.grace)
        // What lies beside the manifests is no change.
        quiet.read(noticed(["notes": .other]), at: start + .milliseconds(21))
        #expect(pause(after: 22) == Quiet.grace)
    }

    @Test func neighboursCountWhileTheyAreFreshAndThere() {
        var neighbours = FreshNeighbours()
        func file(_ name: String) -> Notifications.WrittenFile { .init(watch: 1, name: Array(name.utf8)) }
        neighbours.note(file("a.new"), isGone: false, at: start)
        neighbours.note(file("b.new"), isGone: false, at: start)
        neighbours.note(file("a.new"), isGone: true, at: start)
        #expect(neighbours.areThere(at: start) && !neighbours.areThere(at: start + FreshNeighbours.age))
        neighbours.note(file("b.new"), isGone: true, at: start)
        #expect(!neighbours.areThere(at: start))
        // More than are remembered are no reason to hurry.
        for number in 0...FreshNeighbours.limit { neighbours.note(file("\(number)"), isGone: false, at: start) }
        for number in 0...FreshNeighbours.limit { neighbours.note(file("\(number)"), isGone: true, at: start) }
        #expect(neighbours.areThere(at: start) && !neighbours.areThere(at: start + FreshNeighbours.age))
    }
}
