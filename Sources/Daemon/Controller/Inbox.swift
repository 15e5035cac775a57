internal import Descriptors
internal import ManifestWatch
internal import Synchronization

/// The messages of the host controller. It handles one at a time, so that nothing changes while it decides.
///
/// Sending never blocks. A message that is repeated before it was handled is handled once: of manifests the newest
/// snapshot.
final class Inbox: Sendable {
    enum Message: Sendable {
        /// A request of an operator, who waits for the answer.
        case request(@Sendable (HostController) async -> Void)
        case manifests(SourceUpdate)
        /// It is time to check the policy file.
        case policy
        /// The kernel reported a change of the host's own routes and addresses, or a resync is due.
        case host(isResync: Bool)
    }

    private struct Pending {
        var requests: [@Sendable (HostController) async -> Void] = []
        var manifests: SourceUpdate?
        var isPolicyDue = false
        /// nil: nothing has changed.
        var hostIsResync: Bool?
        var isClosed = false

        mutating func take() -> Message? {
            if !requests.isEmpty { return .request(requests.removeFirst()) }
            // The policy file is small, and manifests are judged by it: they must not delay reading it.
            if isPolicyDue {
                isPolicyDue = false
                return .policy
            }
            if let update = manifests.take() { return .manifests(update) }
            return hostIsResync.take().map { .host(isResync: $0) }
        }
    }

    private let pending = Mutex(Pending())
    private let wakeUp = WakeUp()

    func send(_ message: Message) {
        pending.withLock { pending in
            switch message {
            case .request(let request): pending.requests.append(request)
            case .manifests(let update): pending.manifests = update
            case .policy: pending.isPolicyDue = true
            case .host(let isResync): pending.hostIsResync = isResync || pending.hostIsResync ?? false
            }
        }
        wakeUp.wake()
    }

    /// The next message; nil once the task is cancelled.
    func next() async -> Message? {
        while !Task.isCancelled {
            if let message = pending.withLock({ $0.take() }) { return message }
            await wakeUp.sleep()
        }
        return nil
    }

    /// Runs a request in its turn, and returns the answer. Once the inbox is closed it runs at once: the controller
    /// follows no manifests then, and refuses.
    func perform<Answer: Sendable>(
        on controller: HostController, _ body: @escaping @Sendable (HostController) async -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let request = { @Sendable (controller: HostController) in
                continuation.resume(returning: await body(controller))
            }
            let isTaken = pending.withLock { pending in
                if !pending.isClosed { pending.requests.append(request) }
                return !pending.isClosed
            }
            if isTaken { wakeUp.wake() } else { Task { await request(controller) } }
        }
    }

    /// Stops accepting messages.
    ///
    /// - Returns: the remaining requests; the caller must answer each of them.
    func close() -> [@Sendable (HostController) async -> Void] {
        pending.withLock { pending in
            pending.isClosed = true
            defer { pending.requests = [] }
            return pending.requests
        }
    }
}
