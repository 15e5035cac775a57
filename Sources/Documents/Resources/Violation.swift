internal import Manifest

/// A rule across resources that a set of versions breaks, and who can give way.
struct Violation {
    struct Party {
        let version: ResourceVersion
        let path: FieldPath
        /// Whether the party's last good version already held the thing.
        let isHeld: Bool
    }

    /// Reason and remedy for a party that gives way, given the others.
    typealias Explanation = (_ blamed: Party, _ others: [Party]) -> (reason: String, remedy: String)

    /// `Reason.conflict`, `Reason.refNotFound` or `Reason.invalid`.
    let reason: String
    /// Who gives way first, where history does not decide.
    let parties: [Party]
    /// Whether no party had the thing before: each gives way in a violation of its own.
    let isTie: Bool
    let explain: Explanation

    init(reason: String, parties: [Party], isTie: Bool = false, explain: @escaping Explanation) {
        self.reason = reason
        self.parties = parties
        self.isTie = isTie
        self.explain = explain
    }

    /// Whether nothing tells several resources apart that claim one thing.
    static func isTie(_ parties: [Party]) -> Bool {
        parties.allSatisfy { !$0.isHeld } && Set(parties.map(\.version.key)).count > 1
    }

    /// The first that did not hold the thing; the first of all when everybody did.
    var blamed: Party? { parties.first { !$0.isHeld } ?? parties.first }

    /// What is told to the blamed; nil without parties.
    var error: ManifestError? {
        guard let blamed else { return nil }
        let others = parties.filter { $0.version.key != blamed.version.key || $0.path != blamed.path }
        let (reason, remedy) = explain(blamed, others)
        guard isTie else { return blamed.version.error(at: blamed.path, reason, remedy: remedy) }
        return blamed.version.error(
            at: blamed.path,
            "\(reason); nothing shows which of them had it first, so none gets it until an operator decides",
            remedy: "leave it to one of them, and change the others (\(remedy))")
    }

    /// The error as a line, by which violations are ordered.
    var message: String { error?.description ?? "" }
}

extension Violation.Party {
    /// `Node/host-b at host-b.yaml:9:33`.
    var place: String { "\(version.key) at \(version.place(of: path))" }
}

/// Lets newcomers give way until a set breaks no rule.
enum Arbiter {
    static func settle(_ contenders: inout Contenders) {
        // Each round takes at least one of finitely many steps down.
        while true {
            let violations = FleetRules(contenders).violations()
            // What nobody had is denied to all together, once nothing else may still take one of them out.
            let decided = violations.filter { !$0.isTie }
            let verdicts = (decided.isEmpty ? violations : decided).compactMap { violation in
                violation.blamed.map { (violation: violation, blamed: $0.version.key) }
            }
            guard !verdicts.isEmpty else { return }
            let allBlamed = Set(verdicts.map(\.blamed))
            // A verdict in favour of a party that must itself give way may be void in the next round.
            var firm = verdicts.filter { verdict in
                verdict.violation.parties.allSatisfy {
                    $0.version.key == verdict.blamed || !allBlamed.contains($0.version.key)
                }
            }
            if decided.isEmpty { firm = verdicts }
            if firm.isEmpty, let last = allBlamed.max() { firm = verdicts.filter { $0.blamed == last } }
            for (key, group) in Dictionary(grouping: firm, by: \.blamed) {
                let reasons = Set(group.map(\.violation.reason))
                let reason = reasons.count == 1 ? reasons.first ?? Reason.invalid : Reason.invalid
                var errors: [ManifestError] = []
                for error in group.compactMap(\.violation.error) where !errors.contains(error) {
                    errors.append(error)
                }
                contenders.fallBack(key, reason, errors)
            }
        }
    }
}
