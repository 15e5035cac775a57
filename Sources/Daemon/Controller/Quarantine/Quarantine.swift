internal import ControlAPI
internal import Manifest

/// Manifests whose parsing ended the daemon. After two crashes a file is quarantined until its contents change or
/// another version of the daemon tries it; one crash may be a `kill`. Pure.
struct Quarantine: Hashable, Sendable, Codable {
    private struct Suspect: Hashable, Codable {
        var file: FileFingerprint
        var deaths: Int
    }

    private static let deathsAllowed = 1

    private var version = ProgramVersion.current
    private var suspects: [Suspect] = []

    init() {}

    var isEmpty: Bool { suspects.isEmpty }

    /// Counts a death of the daemon while it parsed a file.
    ///
    /// - Returns: whether the file is quarantined from now on.
    mutating func note(death file: FileFingerprint, version current: String = ProgramVersion.current) -> Bool {
        forgetOtherVersions(current)
        if let index = suspects.firstIndex(where: { $0.file.hash == file.hash }) {
            suspects[index].deaths += 1
            suspects[index].file = file
            return suspects[index].deaths > Quarantine.deathsAllowed
        }
        suspects.append(Suspect(file: file, deaths: 1))
        return false
    }

    /// Another version may parse the file.
    mutating func forgetOtherVersions(_ current: String = ProgramVersion.current) {
        guard version != current else { return }
        self = Quarantine()
        version = current
    }

    /// Replaces the contents of quarantined files. Forgets suspects that are no longer among the files; the others are
    /// tried again.
    mutating func apply(to files: [ManifestFile]) -> [ManifestFile] {
        guard !suspects.isEmpty else { return files }
        let set = Dictionary(suspects.map { ($0.file.hash, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [Suspect] = []
        let result = files.map { file in
            guard let hash = FileFingerprint(file)?.hash, let suspect = set[hash] else { return file }
            found.append(suspect)
            guard suspect.deaths > Quarantine.deathsAllowed else { return file }
            return ManifestFile(path: file.path, contents: .quarantined)
        }
        suspects = found
        return result
    }

    /// Call after every file that is not quarantined has been parsed.
    mutating func acquit() { suspects.removeAll { $0.deaths <= Quarantine.deathsAllowed } }
}
