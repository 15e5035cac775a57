/// Things that leave in the order in which they came, each the same time after it came.
///
/// It has no clock: every time is the duration since one fixed moment, and the caller says what time it is.
struct DelayQueue<Element: Sendable>: Sendable {
    struct Entry: Sendable {
        var element: Element
        var due: Duration
    }

    let delay: Duration
    /// In the order in which they leave.
    private(set) var waiting: [Entry]

    /// - Parameter waiting: What an earlier queue left, in its order.
    init(delay: Duration, waiting: [Entry] = []) {
        self.delay = delay
        self.waiting = waiting
    }

    /// When something that comes now leaves. Never before what came earlier, even if the delay was longer then.
    func due(at now: Duration) -> Duration { max(now + delay, waiting.last?.due ?? now) }

    mutating func append(_ element: Element, at now: Duration) {
        waiting.append(Entry(element: element, due: due(at: now)))
    }

    /// Takes out the first, if its time has come.
    mutating func next(at now: Duration) -> Element? {
        guard let first = waiting.first, first.due <= now else { return nil }
        return waiting.removeFirst().element
    }

    /// How long until `next` has something; nil when nothing waits.
    func wait(at now: Duration) -> Duration? { waiting.first.map { max($0.due - now, .zero) } }
}
