/// Where something may have changed, according to notifications.
enum Noticed: Equatable {
    /// The last that happened to an entry.
    enum Change {
        /// Something was renamed to it: it is complete.
        case replaced
        case gone
        case other
    }

    case nothing
    /// In these entries of listed directories and nowhere else.
    case entries([RelativePath: Change])
    case anything

    mutating func add(_ other: Noticed) {
        switch (self, other) {
        case (_, .nothing): break
        case (.nothing, _), (_, .anything): self = other
        case (.anything, _): break
        case (.entries(let known), .entries(let more)): self = .entries(known.merging(more) { _, new in new })
        }
    }

    /// Whether manifests may have changed, and not only what is beside them.
    var concernsManifests: Bool {
        switch self {
        case .nothing: false
        case .entries(let entries): entries.keys.contains { ManifestName.isManifest($0.name) }
        case .anything: true
        }
    }

    /// Whether one manifest was renamed into place, and all else that happened is that other files went away: what it
    /// was renamed from.
    var isOneReplacement: Bool {
        guard case .entries(let entries) = self else { return false }
        var replaced = 0
        for (path, change) in entries {
            switch (ManifestName.isManifest(path.name), change) {
            case (true, .replaced): replaced += 1
            case (false, .gone): break
            default: return false
            }
        }
        return replaced == 1
    }
}
