import CLinux
import Glibc
import Synchronization

/// The requests of callers to the watching thread; wakes it.
final class Mailbox: Sendable {
    enum Request: Sendable {
        case rescan(CheckedContinuation<Void, Never>)
        case stop
    }

    /// Readable while requests wait; -1 when the process has no descriptor left, and then `take` is polled.
    let descriptor = clinux_wake_descriptor()
    private let requests = Mutex<(closed: Bool, waiting: [Request])>((false, []))
    private let reason = Mutex<String?>(nil)
    private let lastSecurity = Mutex(SourceSecurity())

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Why changes are found by polling, as the thread last found.
    var degraded: String? {
        get { reason.withLock { $0 } }
        set { reason.withLock { $0 = newValue } }
    }

    /// Who can write the directory, as the thread last found.
    var security: SourceSecurity {
        get { lastSecurity.withLock { $0 } }
        set { lastSecurity.withLock { $0 = newValue } }
    }

    /// False when the thread has ended, so that no answer will come.
    func post(_ request: Request) -> Bool {
        let isOpen = requests.withLock { state in
            if !state.closed { state.waiting.append(request) }
            return !state.closed
        }
        var one: UInt64 = 1
        if descriptor >= 0 { _ = write(descriptor, &one, 8) }
        return isOpen
    }

    /// All waiting requests, in order; `closing` refuses later ones.
    func take(closing: Bool = false) -> [Request] {
        var count: UInt64 = 0
        if descriptor >= 0 { _ = read(descriptor, &count, 8) }
        return requests.withLock { state in
            defer { state = (state.closed || closing, []) }
            return state.waiting
        }
    }
}
