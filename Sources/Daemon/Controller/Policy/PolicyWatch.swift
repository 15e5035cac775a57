internal import HostPolicy
internal import Manifest

/// The host policy in force, and later changes of its file.
///
/// A refused file leaves the last policy in force: a broken one neither freezes nor allows anything new.
struct PolicyWatch: Sendable {
    private let file: PolicyFile
    /// The contents that were last adopted or refused.
    private var known: PolicyFile.Contents
    /// The contents at the last check: a file that is being written differs at the next one.
    private var seen: PolicyFile.Contents

    private(set) var policy = HostPolicy()
    /// Where the policy in force comes from, for display.
    private(set) var source = "the default"
    /// Why the current file does not count, one mistake per line; nil when it counts, or is absent.
    private(set) var fault: String?

    init(_ file: PolicyFile) {
        self.file = file
        known = file.read()
        seen = known
        take(known)
    }

    /// Checks the file; contents that are the same in two checks are adopted. Returns whether anything changed.
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
