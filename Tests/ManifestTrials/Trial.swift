import HostState
public import Manifest
import NetAddress
import Planner
import Resources

/// A fleet with a history in which one file becomes anything at all, and what must hold then.
///
/// The fuzzer, the corpus test and the mutation test all go through here.
public struct Trial {
    /// What did not hold.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// How a text fared.
    public struct Outcome {
        /// Whether every document of the text is live as it stands.
        public let isAccepted: Bool
        /// How many resources went away.
        public let deletions: Int
    }

    private let fleet: [ManifestFile]
    private let history: AcceptedSet
    private var acceptor: Acceptor
    /// One that has seen nothing yet; to load the CRDs takes longer than all the rest.
    private let pristine: Acceptor

    /// - Throws: `Failure` when the fleet is not valid as it is.
    public init(fleet: [ManifestFile]) throws {
        self.fleet = fleet
        pristine = try Acceptor()
        acceptor = pristine
        history = acceptor.accept(fleet, lastGood: [])
        guard history.acceptances.allSatisfy({ $0.status == .true }), history.fileErrors.isEmpty else {
            throw Failure("the fleet is not valid: \(history.findings.map(\.error.description))")
        }
    }

    /// Lets a file of the fleet, or a new one, have this text.
    ///
    /// - Parameter isThorough: also that a daemon which just started decides the same, which costs a parse of all files.
    /// - Throws: `Failure` for the first thing that does not hold.
    public mutating func replace(
        _ path: String, with text: [UInt8], isThorough: Bool = true
    ) throws -> Outcome {
        let files = fleet.filter { $0.path != path } + [ManifestFile(path: path, contents: .bytes(text))]
        let set = acceptor.accept(files, lastGood: history.lastGood)
        try checkPlaces(of: set, in: files)
        try checkDeletions(of: set, in: path, text)
        if set.live != history.live { try checkPlans(of: set) }
        if set.lastGood != history.lastGood {
            let again = acceptor.accept(files, lastGood: set.lastGood)
            guard again.live == set.live, again.lastGood == set.lastGood else {
                throw Failure("the same files, accepted again, give another result")
            }
        }
        if isThorough {
            var fresh = pristine
            guard fresh.accept(files.reversed(), lastGood: history.lastGood) == set else {
                throw Failure("an acceptor without memory decides otherwise")
            }
        }
        return Outcome(
            isAccepted: !set.findings.contains { $0.error.file == path },
            deletions: history.lastGood.count { before in !set.lastGood.contains { $0.key == before.key } })
    }

    /// Every mistake stands at a place that an editor can go to, on a line of its own.
    private func checkPlaces(of set: AcceptedSet, in files: [ManifestFile]) throws {
        guard !set.findings.isEmpty else { return }
        let texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.lineLengths) })
        for error in set.findings.map(\.error) {
            guard let lines = texts[error.file] else { throw Failure("no file of that name: \(error)") }
            guard (1...lines.count).contains(error.line), (1...lines[error.line - 1] + 1).contains(error.column) else {
                throw Failure("no such place: \(error) of \(lines.count) lines")
            }
            guard !error.reason.isEmpty, !error.description.unicodeScalars.contains(where: \.isControl) else {
                throw Failure("not a line of text: \(error.description.debugDescription)")
            }
        }
    }

    /// Invariants 2 and 3: a mistake deletes nothing, and what other files hold stays as it was.
    private func checkDeletions(of set: AcceptedSet, in path: String, _ text: [UInt8]) throws {
        let after = Dictionary(uniqueKeysWithValues: set.lastGood.map { ($0.key, $0) })
        for before in history.lastGood where after[before.key] != before {
            guard before.location.file == path else {
                throw Failure("\(before.key) of \(before.location.file) is not as it was")
            }
            if after[before.key] == nil, let doubt = doubt(of: before.key, set, path, text) {
                throw Failure("\(before.key) is deleted, but \(doubt)")
            }
        }
    }

    /// Why a resource is not plainly absent from a text; nil when it is.
    private func doubt(of key: ResourceKey, _ set: AcceptedSet, _ path: String, _ text: [UInt8]) -> String? {
        if text.allSatisfy({ [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20].contains($0) }) { return "the file is blank" }
        guard let documents = try? ManifestFile(path: path, contents: .bytes(text)).documents() else {
            return "the file does not parse"
        }
        for document in documents {
            let name = document.root["metadata"]?["name"]?.scalar?.text
            if document.root["kind"]?.scalar?.text == key.kind.rawValue, name == key.name { return "it is there" }
        }
        let held = Set(history.lastGood.filter { $0.location.file == path }.map(\.key))
        let mistake = set.findings.first { finding in
            finding.error.file == path && finding.reason != Reason.refNotFound
                && !finding.isWarning && finding.resource.map { !held.contains($0) } ?? true
        }
        return mistake.map { "there is a mistake: \($0.error)" }
    }

    /// Every host can be planned, and no two of its peers have the same allowed IP.
    private func checkPlans(of set: AcceptedSet) throws {
        let names = set.live.nodes.map(\.metadata.name)
        let keys = Dictionary(names.enumerated().compactMap { number, name in Trial.key(number).map { (name, $0) } }) {
            first, _ in first
        }
        for name in names {
            let facts = HostFacts(node: name, publicKeys: keys, ownPublicKey: keys[name])
            let host = Planner.plan(set.live, facts: facts)
            for device in host.kernel.devices {
                let allowed = device.peers.flatMap(\.allowedIPs)
                guard Set(allowed).count == allowed.count else { throw Failure("\(name): an allowed IP of two peers") }
            }
            guard host.text.hasSuffix("\n") else { throw Failure("\(name): no text of the plan") }
        }
    }

    private static func key(_ number: Int) -> PublicKey? {
        PublicKey(bytes: [UInt8](repeating: 9, count: 31) + [UInt8(truncatingIfNeeded: number % 100)])
    }
}

extension ManifestFile {
    /// Characters of each line, as editors count.
    fileprivate var lineLengths: [Int] {
        guard case .bytes(let bytes) = contents else { return [0] }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        var lengths = [0]
        var previous: UInt8 = 0
        for byte in text {
            if byte == 0x0d || byte == 0x0a {
                if !(byte == 0x0a && previous == 0x0d) { lengths.append(0) }
            } else if byte & 0xc0 != 0x80 || previous == 0x0a || previous == 0x0d {
                lengths[lengths.count - 1] += 1
            }
            previous = byte
        }
        return lengths
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}
