public import NetAddress

public struct ClockFacts: Hashable, Sendable {
    /// The clock is synchronised by NTP: STA_UNSYNC of adjtimex(2) is off.
    public var isSynchronised: Bool
    /// Seconds since the epoch.
    public var now: Int64
    /// When wgd last wrote its records: seconds since the epoch; nil when it never did.
    public var lastRecord: Int64?

    public init(isSynchronised: Bool, now: Int64, lastRecord: Int64? = nil) {
        self.isSynchronised = isSynchronised
        self.now = now
        self.lastRecord = lastRecord
    }
}

public struct DaemonFacts: Hashable, Sendable {
    public struct StateDirectory: Hashable, Sendable {
        public var path: String
        /// Permission bits and owner; nil when it does not exist yet.
        public var mode: UInt32?
        public var owner: UInt32?
        /// Of the file system that it is on, or will be.
        public var freeBytes: UInt64
        public var freeFiles: UInt64
        public var isReadOnly: Bool

        public init(
            path: String, mode: UInt32? = nil, owner: UInt32? = nil, freeBytes: UInt64, freeFiles: UInt64,
            isReadOnly: Bool = false
        ) {
            self.path = path
            self.mode = mode
            self.owner = owner
            self.freeBytes = freeBytes
            self.freeFiles = freeFiles
            self.isReadOnly = isReadOnly
        }
    }

    public enum Key: Hashable, Sendable {
        /// With its public half.
        case present(PublicKey)
        /// wgd creates it at its first start.
        case absent
        /// Why it cannot be used, and what to do about it.
        case unusable(String)
    }

    public struct ManifestDirectory: Hashable, Sendable {
        public var path: String
        /// Manifests below it; `unseen` when it does not exist or cannot be read.
        public var manifests: Look<Int>
        /// Manifests that wgd refuses to read, with the reasons.
        public var refused: [String]
        /// Why others than root and the directory's owner could change its contents; nil when nobody else could.
        public var fault: String?
        /// `nfs`, `fuse`: the kind of a file system that does not report changes; nil for others.
        public var silentFileSystem: String?

        public init(
            path: String, manifests: Look<Int>, refused: [String] = [], silentFileSystem: String? = nil
        ) {
            self.path = path
            self.manifests = manifests
            self.refused = refused
            self.silentFileSystem = silentFileSystem
        }
    }

    public var state: StateDirectory
    /// The file of the private key.
    public var keyPath: String
    public var key: Look<Key>
    public var manifests: ManifestDirectory
    /// Process ids of every wgd in this network namespace.
    public var processes: Look<[Int32]>
    /// Why no inotify instance or watch could be created; nil when it could.
    public var inotifyError: String?

    public init(
        state: StateDirectory, keyPath: String = "/var/lib/wgctl/keys/node.key", key: Look<Key>,
        manifests: ManifestDirectory, processes: Look<[Int32]> = .seen([]),
        inotifyError: String? = nil
    ) {
        self.state = state
        self.keyPath = keyPath
        self.key = key
        self.manifests = manifests
        self.processes = processes
        self.inotifyError = inotifyError
    }
}
