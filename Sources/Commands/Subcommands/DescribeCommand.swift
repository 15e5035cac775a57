internal import ArgumentParser
internal import ControlAPI
internal import Convergence
internal import Foundation
internal import Resources

/// `wgctl describe`
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show all of one object: its spec, conditions and events.",
        discussion: """
            EXAMPLES:
              wgctl describe node host-a
              wgctl describe container/pod-a
              wgctl describe overlays

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("KIND [NAME…], or KIND/NAME…", valueName: "what"),
        completion: ObjectCompletion.kind)
    var what: [String]

    @Option(
        name: [.customShort("l"), .customLong("selector"), .customLong("labels")],
        help: "Only objects with these labels.")
    var labels: String?

    @OptionGroup var namespaces: NamespaceOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let query = try Query(words: what, labels: labels)
            guard !query.wantsEvents else { throw CommandFailure("events have no description; see wgctl events") }
            let state = try await connection.source.open()
            if let remark = state.remark { Terminal.note(remark) }
            let now = Date()
            var found: [ListedKind: Set<String>] = [:]
            var isFirst = true
            for part in query.parts {
                for object in try await state.objects(part) {
                    found[part.kind, default: []].formUnion([object.name, object.uniqueName])
                    let description = Description(object: object, belongings: try await belongings(object, state))
                    let events = try await events(of: object, state)
                    Terminal.print(text: (isFirst ? "" : "\n\n") + description.text(events: events, now: now))
                    isFirst = false
                }
            }
            if let missing = query.missing(found) { throw CommandFailure(missing) }
            if isFirst { Terminal.note("No resources found") }
        }
    }

    /// What a reader of a node or an overlay asks for next: its containers and peers.
    private func belongings(_ object: ListedObject, _ state: OpenState) async throws -> [ListedObject] {
        let field: String
        switch object.kind {
        case .nodes: field = "node"
        case .overlays: field = "overlay"
        case .gateways, .containers, .peers, .routes, .events: return []
        }
        var all: [ListedObject] = []
        for kind in [ListedKind.containers, .peers] {
            let selector = try FieldSelector("\(field)=\(object.name)", kind: kind)
            all += try await state.objects(ObjectQuery(kind, fields: selector))
        }
        return all
    }

    /// Oldest first. What happens to a peer is recorded of its node too.
    private func events(of object: ListedObject, _ state: OpenState) async throws -> [Event] {
        var events = try await state.events(for: "\(object.kind.singular)/\(object.name)")
        if object.kind == .peers { events += try await state.events(for: "\(ResourceReference.node(object.name))") }
        return events.sorted { $0.lastTimestamp < $1.lastTimestamp }
    }
}
