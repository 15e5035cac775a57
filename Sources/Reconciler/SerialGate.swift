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

    /// False when somebody is in.
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
        // The place passes on without being free in between.
        waiting.removeFirst().resume()
    }
}
