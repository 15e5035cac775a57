/// Where something may have changed, according to notifications.
enum Noticed: Equatable {
    case nothing
    /// In these entries of listed directories and nowhere else.
    case entries(Set<RelativePath>)
    case anything

    mutating func add(_ other: Noticed) {
        switch (self, other) {
        case (_, .nothing): break
        case (.nothing, _), (_, .anything): self = other
        case (.anything, _): break
        case (.entries(let known), .entries(let more)): self = .entries(known.union(more))
        }
    }
}
