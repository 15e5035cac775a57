public import Manifest

extension Acceptor {
    /// An error at a field of a live resource, where the snapshot that was accepted last has it. A last good version has
    /// no text any more: the error then points at the place where it stood.
    ///
    /// - Parameter accepted: what that snapshot came to.
    public func error(
        at path: FieldPath, of key: ResourceKey, in accepted: AcceptedSet, _ reason: String, remedy: String
    ) -> ManifestError {
        if let acceptance = accepted.acceptances.first(where: { $0.key == key }), acceptance.json != nil,
            case .documents(let documents)? = parsed[acceptance.location.file]?.file,
            let found = documents.first(where: { $0.key == key && $0.resource?.json == acceptance.json })
        {
            return found.text.error(at: path, reason, remedy: remedy)
        }
        let place = accepted.lastGood.first { $0.key == key }?.location
        return ManifestError(
            file: place?.file ?? key.description,
            position: place.map { Position(line: $0.line, column: $0.column) } ?? .start, path: path, reason: reason,
            remedy: remedy)
    }
}
