internal import JSON
public import Manifest
public import NetAddress
internal import Schema

extension LastGood {
    /// The Node that it holds; nil for another kind, or for what this program cannot read.
    public var node: Node? {
        key.kind == .node ? try? JSONValue.decode(Node.self, from: json) : nil
    }

    /// The same document under another name.
    fileprivate func renamed(_ name: String) -> LastGood? {
        guard case .object(var fields)? = try? JSONValue(jsonText: json),
            case .object(var metadata)? = fields["metadata"]
        else { return nil }
        metadata["name"] = .string(name)
        fields["metadata"] = .object(metadata)
        return LastGood(
            key: ResourceKey(key.kind, name), location: location, generation: generation,
            json: JSONValue.object(fields).canonicalText)
    }
}

/// A Node goes on under the name of another: what a renamed Node had on this host stays as it is.
public struct Adoption: Sendable {
    /// Who asks, and what is known here.
    public struct Host: Sendable {
        /// What the host is called.
        public var name: String
        /// nil when it has none yet.
        public var publicKey: PublicKey?
        /// Public keys that stand in for the manifests', by Node.
        public var keys: [String: PublicKey]

        public init(name: String, publicKey: PublicKey?, keys: [String: PublicKey] = [:]) {
            self.name = name
            self.publicKey = publicKey
            self.keys = keys
        }
    }

    /// Why a Node does not go on as another, with what to do.
    public struct Refusal: Error, Hashable, CustomStringConvertible {
        public var description: String

        public init(_ description: String) { self.description = description }
    }

    /// The Node that goes on.
    public var new: String
    /// What the manifests come to when it always had that name.
    public var accepted: AcceptedSet
}

extension Acceptor {
    /// What accepting the same files comes to when what the Node `old` had is the other's. Remembers nothing.
    ///
    /// - Parameters:
    ///   - old: the Node that this host serves.
    ///   - new: the Node to go on as; nil for the one with this host's public key, else the one called as this host.
    ///   - accepted: what the files came to.
    /// - Throws: `Adoption.Refusal`.
    public func adoption(
        from old: String, to new: String?, files: [ManifestFile], of accepted: AcceptedSet, host: Adoption.Host,
        limits: PruneLimits
    ) throws(Adoption.Refusal) -> Adoption {
        let key = ResourceKey(.node, old)
        var documents: [ParsedDocument] = []
        for path in parsed.keys.sorted() {
            if case .documents(let found)? = parsed[path]?.file { documents += found }
        }
        let keyNow = { (document: ParsedDocument) in
            host.keys[old] ?? document.resource?.content.node?.spec.publicKey
        }
        // A Node of that name with another host's key is another host by now.
        if let document = documents.first(where: { $0.key == key }),
            keyNow(document).map({ $0 == host.publicKey }) ?? true
        {
            throw Adoption.Refusal(
                "\(key) is still in the manifests, at \(document.location): remove it there, or give it its new name")
        }
        if let acceptance = accepted.acceptances.first(where: { $0.key == key }),
            acceptance.status == .false, acceptance.reason != Reason.pruneBlocked,
            !documents.contains(where: { $0.key == key })
        {
            throw Adoption.Refusal("\(key) may still be in the manifests: \(acceptance.message)")
        }
        let nodes = documents.filter { $0.key?.kind == .node }
        let successor = try Acceptor.successor(of: key, named: new, among: nodes, host)
        guard let history = accepted.lastGood.first(where: { $0.key == key })?.renamed(successor.name) else {
            throw Adoption.Refusal("this host has no valid version of \(key) that \(successor) could go on from")
        }
        let lastGood = accepted.lastGood.filter { $0.key != key && $0.key != successor } + [history]
        var trial = self
        let outcome = trial.accept(
            files, lastGood: lastGood.sorted { $0.key < $1.key },
            pruning: PruneRequest(node: successor.name, limits: limits))
        guard let verdict = outcome.acceptances.first(where: { $0.key == successor }), verdict.status != .false else {
            let reason = outcome.acceptances.first { $0.key == successor }?.message
            throw Adoption.Refusal("\(successor) is not accepted: \(reason ?? "it has no valid document")")
        }
        return Adoption(new: successor.name, accepted: outcome)
    }

    private static func successor(
        of old: ResourceKey, named new: String?, among documents: [ParsedDocument], _ host: Adoption.Host
    ) throws(Adoption.Refusal) -> ResourceKey {
        let publicKey = { (document: ParsedDocument) -> PublicKey? in
            document.key.flatMap { host.keys[$0.name] } ?? document.resource?.content.node?.spec.publicKey
        }
        let own = documents.first { document in publicKey(document).map { $0 == host.publicKey } ?? false }
        let name = new ?? own?.key?.name ?? host.name
        let known = Set(documents.compactMap(\.key?.name)).sorted().joined(separator: ", ")
        guard let document = documents.first(where: { $0.key?.name == name }), let key = document.key else {
            throw Adoption.Refusal(
                new == nil
                    ? "no Node has this host's public key (\(host.publicKey?.description ?? "it has none")), and none is "
                        + "called \(name) as this host is: name the one with --to; nodes: \(known)"
                    : "node \"\(name)\" not found in the manifests; nodes: \(known)")
        }
        if let theirs = publicKey(document), theirs != host.publicKey {
            throw Adoption.Refusal(
                "\(key) belongs to another host: its public key is \(theirs), and this host's is "
                    + "\(host.publicKey?.description ?? "not made yet")")
        }
        return key
    }
}
