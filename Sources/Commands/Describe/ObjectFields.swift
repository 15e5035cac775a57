internal import ControlAPI
internal import Convergence
internal import Foundation
internal import NetAddress
internal import Resources

extension Description {
    /// A resource's metadata and spec.
    static func header(of resource: ResourceReport, now: Date) -> [String] {
        var fields: [(name: String, value: String)] = [
            ("Name", resource.metadata.name), ("Kind", resource.kind.rawValue),
            ("Labels", labelsText(resource.metadata.labels ?? [:])), ("Source", resource.source),
            ("Generation", "\(resource.metadata.generation) (observed \(resource.status.observedGeneration))"),
        ]
        if let created = resource.metadata.creationTimestamp {
            fields.append(("Created", "\(timestampText(created)) (\(Age.text(since: created, now: now)) ago)"))
        }
        if resource.status.isLocal == true { fields.append(("Local", "yes, this host")) }
        if let key = resource.status.publicKey { fields.append(("Public Key", "\(key)")) }
        if let backend = resource.status.backend { fields.append(("Backend", backend)) }
        if let original = resource.status.madeAs {
            fields.append(("Made As", "\(ResourceReference(resource.kind.referenceKind, original))"))
        }
        var lines = aligned(fields)
        if let spec = resource.spec {
            lines.append("Spec:")
            lines += YAMLText.render(spec).split(separator: "\n").map { "  \($0)" }
        } else {
            lines.append("Spec:  <none>, no version was ever good")
        }
        return lines
    }

    static func fields(of container: ContainerReport, now: Date) -> [String] {
        var fields: [(name: String, value: String)] = [
            ("Name", container.name), ("Kind", "Container"),
            ("Node", container.node + (container.isLocal ? " (this host)" : "")),
            ("Labels", labelsText(container.labels)), ("Image", container.image),
            ("Overlays", container.overlays.isEmpty ? "<none>" : container.overlays.joined(separator: ",")),
            ("Addresses", container.addresses.sorted().map { "\($0)" }.joined(separator: ",")),
            ("State", container.state ?? "- (ask its own host)"),
        ]
        if let restarts = container.restarts { fields.append(("Restarts", "\(restarts)")) }
        if let started = container.startedAt {
            fields.append(("Started", "\(timestampText(started)) (\(Age.text(since: started, now: now)) ago)"))
        }
        return aligned(fields)
    }

    /// Peers and routes: every column of the wide table, one a line.
    static func fields(of object: ListedObject, now: Date) -> [String] {
        let table = ObjectTable(object.kind, ObjectPage(objects: [object]), now: now)
        return aligned(
            zip(table.columns, table.rows[0].cells).map { column, cell in
                (fieldName(column.title), cell.text)
            })
    }

    /// `PUBLIC-KEY` is `Public Key`; abbreviations stay as they are written.
    private static func fieldName(_ title: String) -> String {
        title.split(separator: "-").map { word in
            switch word {
            case "IPS": "IPs"
            case "RX", "TX", "RTT": String(word)
            default: word.capitalized
            }
        }.joined(separator: " ")
    }
}
