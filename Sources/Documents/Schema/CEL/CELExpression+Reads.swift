/// What a rule looks at: a field, or every item or value.
enum CELRead: Hashable, Sendable {
    case field(String)
    case each
}

extension CELExpression {
    /// The paths below `self` that the expression looks at. A mistake in one of them is reported already, and the rule has
    /// nothing to add.
    var reads: Set<[CELRead]> {
        var reads: Set<[CELRead]> = []
        collect(into: &reads, ["self": []])
        return reads
    }

    /// - Parameter variables: what each variable stands for; nil for no part of `self`.
    private func collect(into reads: inout Set<[CELRead]>, _ variables: [String: [CELRead]?]) {
        if let path = path(variables) { reads.insert(path) }
        switch self {
        case .literal, .variable: break
        case .select(let base, _), .has(let base, _):
            // A chain of fields is one path; only what it begins with can hold further ones.
            if path(variables) == nil { base.collect(into: &reads, variables) }
        case .index(let base, let index):
            if path(variables) == nil { base.collect(into: &reads, variables) }
            index.collect(into: &reads, variables)
        case .not(let inner): inner.collect(into: &reads, variables)
        case .and(let a, let b), .or(let a, let b):
            for side in [a, b] { side.collect(into: &reads, variables) }
        case .conditional(let a, let b, let c):
            for part in [a, b, c] { part.collect(into: &reads, variables) }
        case .list(let parts), .call(_, let parts):
            for part in parts { part.collect(into: &reads, variables) }
        case .macro(_, let range, let variable, let body):
            let path = range.path(variables)
            if path == nil { range.collect(into: &reads, variables) }
            body.collect(into: &reads, variables.merging([variable: path.map { $0 + [.each] }]) { $1 })
        }
    }

    private func path(_ variables: [String: [CELRead]?]) -> [CELRead]? {
        switch self {
        case .variable(let name): variables[name] ?? nil
        case .select(let base, let field), .has(let base, let field): base.path(variables).map { $0 + [.field(field)] }
        case .index(let base, .literal(.string(let key))): base.path(variables).map { $0 + [.field(key)] }
        case .index(let base, _): base.path(variables).map { $0 + [.each] }
        default: nil
        }
    }
}
