internal import Glibc
internal import Synchronization

/// In debug builds, kills the process between two steps, for tests of invariant I4: killed between any two, the next
/// start converges. `WGD_KILL_AT=N` kills at the N-th boundary from the start, counted from 1.
public enum KillPoint {
    #if DEBUG
        private static let limit = getenv("WGD_KILL_AT").flatMap { Int(String(cString: $0)) }
        private static let passed = Atomic(0)

        /// Whether steps must run one by one, so that there is a boundary between any two.
        public static var isArmed: Bool { limit != nil }

        /// A boundary.
        public static func pass() {
            guard let limit, passed.add(1, ordering: .relaxed).newValue == limit else { return }
            kill(getpid(), SIGKILL)
        }
    #else
        public static var isArmed: Bool { false }
        public static func pass() {}
    #endif
}
