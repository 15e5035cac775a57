internal import Descriptors
internal import Dispatch
internal import Glibc
internal import Manifest
internal import Synchronization

/// Says on disk which manifest is being parsed, so that one that crashes the parser is known at the next start, and
/// ends the process when one takes too long (fault 14).
///
/// Not synced: a process that dies leaves its writes to the kernel, and a power cut is no fault of a manifest.
final class ParseJournal: Sendable {
    /// What was being parsed when the process before this one died; nil when it died elsewhere, or ended well.
    let interrupted: FileFingerprint?

    private struct Running {
        var path = ""
        var since: ContinuousClock.Instant?
        /// Whether somebody will look again.
        var isWatched = false
    }

    /// Why nothing can be kept; nil when it can.
    let fault: String?

    /// -1 when nothing can be kept.
    private let descriptor: Int32
    private let limit: Duration
    private let running = Mutex(Running())
    private let onHang: @Sendable (String) -> Void
    /// Not the cooperative pool: a parser that hangs may hold all of it.
    private let watchdog = DispatchQueue(label: "parse watchdog")

    /// - Parameters:
    ///   - path: the journal's file; one that cannot be opened keeps nothing.
    ///   - limit: how long one file may take.
    ///   - onHang: called on a thread of its own with the file's path when it takes longer.
    init(path: String, limit: Duration, onHang: @escaping @Sendable (String) -> Void) {
        do throws(PlainFileError) {
            descriptor = try Descriptor(openingFile: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600).release()
            fault = nil
        } catch {
            descriptor = -1
            fault = "\(error)"
        }
        self.limit = limit
        self.onHang = onHang
        interrupted = ParseJournal.read(descriptor)
        ftruncate(descriptor, 0)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// A file is about to be parsed; nil: nothing is any more.
    func note(_ file: ManifestFile?) {
        guard let file, let fingerprint = FileFingerprint(file) else { return clear() }
        let isWatched = running.withLock { running in
            running.path = file.path
            running.since = .now
            defer { running.isWatched = true }
            return running.isWatched
        }
        if !isWatched { look(after: limit) }
        let text = "\(fingerprint.hash) \(escaped(file.path))\n"
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    private func clear() {
        running.withLock { $0.since = nil }
        ftruncate(descriptor, 0)
    }

    /// Looks once when the present file's time is over, and again as long as something is being parsed.
    private func look(after delay: Duration) {
        let (seconds, attoseconds) = delay.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        watchdog.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { [weak self] in self?.look() }
    }

    private func look() {
        let (path, rest) = running.withLock { running -> (String, Duration?) in
            guard let since = running.since else {
                running.isWatched = false
                return ("", nil)
            }
            return (running.path, limit - (.now - since))
        }
        guard let rest else { return }
        if rest <= .zero { onHang(path) }
        look(after: rest <= .zero ? limit : rest)
    }

    /// The first line: a longer one of before may stand below it.
    private static func read(_ descriptor: Int32) -> FileFingerprint? {
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].count == 2 * FileFingerprint.length else { return nil }
        return FileFingerprint(hash: String(words[0]), path: String(words[1]))
    }
}
