internal import Foundation
internal import HostPolicy
internal import NetAddress
internal import Records
internal import Resources

extension ServedNode {
    /// Decides with only the records of earlier daemons.
    ///
    /// - Returns: the Node, and the record of it; nil when this host has served none.
    /// - Parameter predecessor: has already decided.
    static func atStart(
        _ options: DaemonOptions, records: Records, keys: HostKey, after predecessor: Continuation?
    ) async -> (served: ServedNode, record: ServedRecord?) {
        let lastGood = (try? await records.lastGood()) ?? []
        var record = predecessor?.served
        if record == nil { record = try? await records.served() }
        // Older versions did not record it: the last report names the Node.
        if record == nil, let node = try? await records.report().flatMap(reportedNode) {
            record = ServedRecord(node: node)
        }
        let ownKey = keys.publicKey()
        let pins = PolicyWatch(PolicyFile(path: options.policyPath, manifestDirectory: options.manifestDirectory))
            .policy.pins
        let standIns = pins.merging(options.peerKeys) { _, key in key }
        // Of thousands of documents only those that may decide are decoded.
        let text = ownKey?.description
        let nodes = lastGood.filter { document in
            let name = document.key.name
            return document.key.kind == .node
                && (name == record?.node || name == options.hostName || ownKey != nil && standIns[name] == ownKey
                    || text.map { document.json.range(of: $0) != nil } ?? false)
        }.compactMap(\.node)
        let served = ServedNode(
            among: nodes, called: options.hostName, last: record?.node, ownKey: ownKey, keys: standIns)
        // Its records may be lost: an unwritable disk must not cost a host its Node.
        if let predecessor, served.name != predecessor.served.node {
            return (ServedNode(name: predecessor.served.node, basis: .history), predecessor.served)
        }
        return (served, nodes.contains { $0.metadata.name == record?.node } ? record : nil)
    }

    private static func reportedNode(_ report: String) -> String? {
        (try? JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])?["node"] as? String
    }
}
