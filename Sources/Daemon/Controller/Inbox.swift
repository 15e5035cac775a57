internal import Descriptors
internal import ManifestWatch
internal import Synchronization

/// What the host controller has to deal with: it takes one thing at a time, so that nothing it decides on changes under
/// it.
///
/// Sending never blocks. What comes again before it was dealt with is dealt with once: of manifests the newest snapshot.
final class Inbox: Sendable {
    enum Message: Sendable {
        /// What an operator asks for; somebody waits for the answer.
        case request(@Sendable (HostController) async -> Void)
        case manifests(SourceUpdate)
        /// It is time to look at the policy file.
        case policy
        /// The kernel notified of a change of the host's own routes and addresses, or the resync has come.
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
            // One small file, and manifests are judged by it: they must not keep it from being read.
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

    /// The next thing to deal with; nil once the task is cancelled.
    func next() async -> Message? {
        while !Task.isCancelled {
            if let message = pending.withLock({ $0.take() }) { return message }
            await wakeUp.sleep()
        }
        return nil
    }

    /// Has the controller do something in its turn, and returns the answer. Once nothing takes messages any more it is
    /// done at once: the controller, which follows no manifests then, refuses.
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

    /// Nothing takes messages any more.
    ///
    /// - Returns: the requests that are left, each to be answered.
    func close() -> [@Sendable (HostController) async -> Void] {
        pending.withLock { pending in
            pending.isClosed = true
            defer { pending.requests = [] }
            return pending.requests
        }
    }
}
