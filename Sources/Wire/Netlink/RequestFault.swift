#if DEBUG
    public import Synchronization

    /// What befalls a request on its way: for tests of what a failure in the middle leaves behind.
    public enum RequestFault: Sendable {
        /// The kernel sees the first messages of a batch and none of the others.
        case lost(after: Int)
        /// The kernel does it all, and its answers are lost.
        case unanswered

        /// Asked before each request that writes, and each dump (with 0 messages); nil lets it pass.
        public static let next = Mutex<(@Sendable (_ messages: Int) -> RequestFault?)?>(nil)

        static func befalling(_ messages: Int) -> RequestFault? { next.withLock { $0 }?(messages) }
    }
#endif
