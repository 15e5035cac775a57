internal import Manifest

/// The documents of all files, by resource, and which files keep what they held.
struct Snapshot {
    var documents: [ResourceKey: [ParsedDocument]] = [:]
    private(set) var fileErrors: [FileError] = []
    /// The same, field by field.
    private(set) var fileMistakes: [ManifestError] = []
    /// What is left out of lists, which is no mistake.
    private(set) var notes: [ManifestError] = []
    /// Valid gateways, which this version does not serve.
    private var gateways: [ParsedDocument] = []
    /// Why a file keeps what it held, by path.
    private var holding: [String: [ManifestError]] = [:]
    /// A file that may hold anything: nothing is explicitly absent then.
    private var unknown: ManifestError?
    /// What each file held, by path.
    private var held: [String: [ResourceKey]]
    /// Whether a file is blank or broken: how it is treated depends on what it held.
    private(set) var dependsOnPlaces = false

    init(after lastGood: [LastGood]) {
        held = Dictionary(grouping: lastGood, by: \.location.file).mapValues { $0.map(\.key).sorted() }
    }

    var unserved: [UnservedDocument] { gateways.compactMap(UnservedDocument.init) }

    mutating func add(_ file: ParsedFile, path: String, isReadable: Bool) {
        if case .documents = file {} else { dependsOnPlaces = true }
        switch file {
        case .broken(let error):
            hold(path, error)
            // Without history it may be another file, renamed and edited in one step.
            if !isReadable || held[path] == nil { unknown = unknown ?? error }
        case .blank:
            guard let held = held[path] else { return }
            hold(
                path,
                ManifestError(
                    file: path, position: .start, path: FieldPath(),
                    reason: "the file is empty and held \(held.map(\.description).joined(separator: ", "))",
                    remedy: "remove the file to remove them"))
        case .documents(let parsed):
            for document in parsed {
                if let key = document.key {
                    documents[key, default: []].append(document)
                } else {
                    for error in document.errors { hold(path, error) }
                    if let note = document.note { notes.append(note) }
                }
            }
        }
    }

    private mutating func hold(_ path: String, _ error: ManifestError) {
        holding[path, default: []].append(error)
        fileMistakes.append(error)
        fileErrors.append(
            FileError(
                location: SourceLocation(file: error.file, line: error.line, column: error.column),
                message: error.description))
    }

    /// Says that all files were added. Keeps only the documents of these resources.
    mutating func complete(keeping keys: Set<ResourceKey>) {
        held = [:]
        let all = documents
        documents = [:]
        for key in keys { documents[key] = all[key] }
    }

    /// nil for a resource that is explicitly absent, and for a gateway that is valid.
    ///
    /// - Parameter lastGood: `previous`, where this program can read it.
    mutating func contender(_ key: ResourceKey, previous: LastGood?, lastGood: ResourceVersion?) -> Contender? {
        let found = documents[key] ?? []
        if let lastGood, let reasons = holding[lastGood.location.file],
            !found.contains(where: { $0.location.file == lastGood.location.file })
        {
            let elsewhere = found.prefix(Document.errorLimit).map { document in
                document.text.error(
                    at: FieldPath(), "\(escaped(lastGood.location.file)) held \(key) and is broken",
                    remedy: "repair or remove that file")
            }
            return Contender(
                key: key, location: found.first?.location ?? lastGood.location, fresh: nil, lastGood: lastGood,
                errors: reasons + elsewhere, reason: Reason.invalid)
        }
        guard let document = found.first else {
            guard let unknown, let lastGood else { return nil }
            return Contender(keeping: lastGood, becauseOf: unknown)
        }
        guard found.count == 1 else {
            let errors = found.prefix(Document.errorLimit).map { twice(key, $0, among: found) }
            return Contender(
                key: key, location: document.location, fresh: nil, lastGood: lastGood, errors: errors,
                reason: Reason.conflict)
        }
        guard document.errors.isEmpty else {
            return Contender(
                key: key, location: document.location, fresh: nil, lastGood: lastGood,
                errors: document.errors, reason: Reason.invalid)
        }
        guard let resource = document.resource else {
            gateways.append(document)
            return nil
        }
        if let lastGood, lastGood.resource.json != resource.json {
            let lost = document.nulls.filter { $0.loses(from: lastGood.resource.json) }
            guard lost.isEmpty else {
                return Contender(
                    key: key, location: document.location, fresh: nil, lastGood: lastGood, errors: lost.map(\.error),
                    reason: Reason.nullField)
            }
        }
        let version = ResourceVersion(
            key: key, location: document.location, text: document.text,
            generation: Snapshot.generation(of: resource, after: previous, json: lastGood?.resource.json),
            resource: resource)
        var contender = Contender(key: key, location: document.location, fresh: version, lastGood: lastGood)
        contender.warnings = document.nulls.map(\.error)
        return contender
    }

    private func twice(_ key: ResourceKey, _ document: ParsedDocument, among all: [ParsedDocument]) -> ManifestError {
        let others =
            all.prefix(4).map(\.location).filter { $0 != document.location }
            .map { "\(escaped($0.file)):\($0.line):\($0.column)" } + (all.count > 4 ? ["…"] : [])
        return document.text.error(
            at: FieldPath(keys: "metadata", "name"), "\(key) stands also at \(others.joined(separator: ", "))",
            remedy: "keep one of them")
    }

    /// Goes up when the content of the spec changes.
    ///
    /// - Parameter json: What `previous` means to this program, which may know fields that it was written without.
    private static func generation(of resource: TypedResource, after previous: LastGood?, json: String?) -> Int {
        guard let previous else { return 1 }
        return previous.generation + (resource.hasSameSpec(as: json ?? previous.json) ? 0 : 1)
    }
}

extension FileError: Comparable {
    public static func < (a: FileError, b: FileError) -> Bool {
        (a.location.file, a.location.line, a.location.column, a.message)
            < (b.location.file, b.location.line, b.location.column, b.message)
    }
}
