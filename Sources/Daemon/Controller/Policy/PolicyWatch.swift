internal import HostPolicy
internal import Manifest

/// The host policy that is in force, and what the file says since.
///
/// A file that is refused leaves the last one in force: a broken policy holds nothing more and lets nothing more.
struct PolicyWatch: Sendable {
    private let file: PolicyFile
    /// What was taken up, or refused, last.
    private var known: PolicyFile.Contents
    /// What the last look saw: a file that is being written differs at the next.
    private var seen: PolicyFile.Contents

    private(set) var policy = HostPolicy()
    /// Where the policy in force comes from, for people.
    private(set) var source = "the default"
    /// Why the file as it is now does not count, a mistake a line; nil when it does, or is absent.
    private(set) var fault: String?

    init(_ file: PolicyFile) {
        self.file = file
        known = file.read()
        seen = known
        take(known)
    }

    /// Looks at the file; a content that stood for two looks is taken up. Says whether anything is different now.
    mutating func look() -> Bool {
        let now = file.read()
        defer { seen = now }
        guard now == seen, now != known else { return false }
        known = now
        take(now)
        return true
    }

    private mutating func take(_ contents: PolicyFile.Contents) {
        do {
            switch contents {
            case .absent: (policy, source) = (HostPolicy(), "the default, as there is no \(file.path)")
            case .bytes(let bytes):
                policy = try HostPolicy(file: ManifestFile(path: file.path, contents: .bytes(bytes)))
                source = file.path
            case .refused(let reason): return refuse("\(escaped(file.path)): \(reason)")
            }
            fault = nil
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func refuse(_ reason: String) {
        fault = reason
        if source == file.path { source = "\(file.path) as it was before it broke" }
    }
}
