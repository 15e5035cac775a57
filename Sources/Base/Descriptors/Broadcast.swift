internal import Synchronization

/// Hands each element to every stream that is being read.
///
/// The sender never waits: a slow reader finds the newest elements only.
public final class Broadcast<Element: Sendable>: Sendable {
    private struct State {
        var readers: [Int: AsyncStream<Element>.Continuation] = [:]
        var nextReader = 0
        var last: Element?
        var isFinished = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let keepsLast: Bool
    private let merge: (@Sendable (_ older: Element, _ newer: Element) -> Element)?

    /// - Parameters:
    ///   - limit: how many elements wait for a reader, the newest ones.
    ///   - keepsLast: whether a new stream begins with the last element that was sent.
    ///   - merge: what waits in place of an element that is pushed out and the one that pushes it out; without it the
    ///     older one is lost.
    public init(
        limit: Int = 1, keepsLast: Bool = false,
        merge: (@Sendable (_ older: Element, _ newer: Element) -> Element)? = nil
    ) {
        self.limit = limit
        self.keepsLast = keepsLast
        self.merge = merge
    }

    deinit { finish() }

    /// A new stream, for one reader; it begins now and ends with `finish()`.
    ///
    /// - Parameter onEnd: called once the stream is no longer read.
    public func stream(onEnd: @escaping @Sendable () -> Void = {}) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self, bufferingPolicy: .bufferingNewest(limit))
        let reader: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            // Before it can be sent anything newer. Nobody reads the stream yet, so that this calls nothing back.
            if let last = state.last { continuation.yield(last) }
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        continuation.onTermination = { [weak self] _ in
            if let reader { self?.state.withLock { _ = $0.readers.removeValue(forKey: reader) } }
            onEnd()
        }
        if reader == nil { continuation.finish() }
        return stream
    }

    /// Never blocks. Elements that several tasks send at the same time arrive in any order.
    public func send(_ element: Element) {
        let readers = state.withLock { state in
            if keepsLast { state.last = element }
            return Array(state.readers.values)
        }
        send(element, to: readers)
    }

    /// The last element that was sent; nil before the first one, and always unless `keepsLast`.
    public var last: Element? { state.withLock { $0.last } }

    /// Changes the last element in place, so that what it holds need not be copied, and sends it if `body` says so.
    ///
    /// - Parameter body: returns true to send the element; runs under a lock.
    /// - Returns: what `body` returned; nil when there is no last element.
    public func changeLast(_ body: (inout Element) -> Bool?) -> Bool? {
        let (result, news) = state.withLock { state -> (Bool?, (Element, [AsyncStream<Element>.Continuation])?) in
            guard var last = state.last.take() else { return (nil, nil) }
            let result = body(&last)
            state.last = last
            return (result, result == true ? (last, Array(state.readers.values)) : nil)
        }
        if let (element, readers) = news { send(element, to: readers) }
        return result
    }

    /// Ends every stream, now and from now on.
    public func finish() {
        let readers = state.withLock { state in
            defer { state.readers = [:] }
            state.isFinished = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }

    /// How many streams are being read.
    public var readerCount: Int { state.withLock(\.readers.count) }

    /// Outside the lock: a stream that ends calls back at once.
    private func send(_ element: Element, to readers: [AsyncStream<Element>.Continuation]) {
        for reader in readers {
            guard case .dropped(let older) = reader.yield(element), let merge else { continue }
            reader.yield(merge(older, element))
        }
    }
}

extension Broadcast where Element == Void {
    /// Says that something changed.
    public func send() { send(()) }
}
