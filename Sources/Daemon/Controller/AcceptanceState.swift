internal import HostPolicy
internal import Manifest
internal import Planner
internal import Resources

/// The manifests as they were last read, and what they were judged against.
struct AcceptanceState {
    var acceptor: Acceptor
    var quarantine = Quarantine()
    /// What each resource falls back on.
    private(set) var lastGood: [LastGood]
    /// The files of the last snapshot, judged again when an operator confirms deletions.
    private(set) var files: [ManifestFile] = []
    let journal: ParseJournal

    /// - Throws: `SchemaError` when the built-in CRDs do not load.
    init(lastGood: [LastGood], journal: ParseJournal) throws {
        self.lastGood = lastGood
        self.journal = journal
        acceptor = try Acceptor()
        acceptor.willParse = { journal.note($0) }
    }

    /// Accepts the files without those that are quarantined. What they fall back on stays the same until `keep`.
    mutating func accept(_ files: [ManifestFile], pruning: PruneRequest, evidence: Evidence?) -> AcceptedSet {
        self.files = files
        let accepted = acceptor.accept(
            quarantine.apply(to: files), lastGood: lastGood, pruning: pruning, evidence: evidence)
        quarantine.acquit()
        return accepted
    }

    /// From now on resources fall back on what was accepted.
    mutating func keep(_ accepted: AcceptedSet) { lastGood = accepted.lastGood }
}

/// What the last plan was made from.
struct PlanMemory {
    var underlay = UnderlayPaths()
    /// nil before the first plan.
    private(set) var facts: HostFacts?
    private(set) var input: PlannedInput?
    /// Whether the set that was accepted last has been planned.
    private var isPlanned = false

    mutating func note(_ facts: HostFacts, _ input: PlannedInput) { (self.facts, self.input) = (facts, input) }

    mutating func notePlanned() { isPlanned = true }

    /// A new set has been accepted.
    ///
    /// - Returns: what the plan of the set before it was made from; nil when there is none.
    mutating func begin() -> PlannedInput? {
        defer { isPlanned = false }
        return isPlanned ? input : nil
    }
}

/// What the last plan was made from, besides the facts.
struct PlannedInput {
    let policy: HostPolicy
    let judgement: Judgement
}
