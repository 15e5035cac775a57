internal import Synchronization

/// The bytes that all request bodies of a server may hold at a time.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { left = Mutex(bytes) }

    /// False when there are not so many left; nothing is taken then.
    func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard bytes <= left else { return false }
            left -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) { left.withLock { $0 += bytes } }
}

/// What one connection has taken of the budget: given back with the connection, if not before.
final class BodyReservation {
    private let budget: BodyBudget
    private var bytes = 0

    init(_ budget: BodyBudget) { self.budget = budget }

    /// False when the budget has not so many left.
    func grow(by count: Int) -> Bool {
        guard budget.take(count) else { return false }
        bytes += count
        return true
    }

    func release() {
        budget.giveBack(bytes)
        bytes = 0
    }

    deinit { budget.giveBack(bytes) }
}
