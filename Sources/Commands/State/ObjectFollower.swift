internal import ControlAPI
internal import Foundation

/// `wgctl get -w`: prints what a query selects, then what changes, until the daemon goes.
struct ObjectFollower {
    let query: Query
    let rendering: Rendering
    var print: @Sendable (String) -> Void = { Terminal.print(text: $0) }

    /// - Throws: `CommandFailure` when the daemon goes.
    func run(_ client: ControlClient) async throws {
        if query.wantsEvents {
            guard query.objects.kinds == [.events] else {
                throw CommandFailure("events are watched on their own: wgctl events -w")
            }
            return try await EventsCommand.follow(
                client, object: nil, rendering: rendering, names: query.objects.names[.events])
        }
        for warning in try await client.summary().warningsBesideObjects { Terminal.note(warning) }
        let isTable = !rendering.isDocument
        let (changes, continuation) = AsyncThrowingStream<(ListedKind, ObjectChange), any Error>.makeStream()
        let task = Task {
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for part in query.parts {
                        group.addTask {
                            for try await change in try await client.watch(part, isTable: isTable) {
                                continuation.yield((part.kind, change))
                            }
                        }
                    }
                    // The first watch that ends ends them all: the daemon goes.
                    try await group.next()
                    group.cancelAll()
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        defer { task.cancel() }
        var printer = WatchPrinter(rendering, prefixesNames: query.parts.count > 1)
        for try await (kind, change) in changes { print(try printer.text(change, of: kind)) }
        throw CommandFailure("wgd went away", ExitStatus.noDaemon)
    }
}
