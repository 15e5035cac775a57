/// Lets one task at a time through, in order of arrival.
public actor SerialGate {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public init() {}

    public func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// False when another task is inside.
    public func enterIfFree() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    public func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        // The next task takes over directly: the gate is never free in between.
        waiting.removeFirst().resume()
    }
}
