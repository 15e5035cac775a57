internal import Descriptors
internal import Dispatch
internal import Glibc
internal import Manifest
internal import Synchronization

/// Records on disk which manifest is being parsed, so that the next start knows the one that crashed the parser, and
/// ends the process when parsing takes too long (fault 14).
///
/// Not synced: the kernel keeps the writes of a process that dies, and a power cut is no fault of a manifest.
final class ParseJournal: Sendable {
    /// What was being parsed when the previous process died; nil when it died elsewhere, or ended normally.
    let interrupted: FileFingerprint?

    private struct Running {
        var path = ""
        var since: ContinuousClock.Instant?
        /// Whether another check is scheduled.
        var isWatched = false
    }

    /// Why nothing can be recorded; nil when it can.
    let fault: String?

    /// -1 when nothing can be recorded.
    private let descriptor: Int32
    private let limit: Duration
    private let running = Mutex(Running())
    private let onHang: @Sendable (String) -> Void
    /// Not the cooperative pool: a parser that hangs may block all of it.
    private let watchdog = DispatchQueue(label: "parse watchdog")

    /// - Parameters:
    ///   - path: the journal's file; if it cannot be opened, nothing is recorded.
    ///   - limit: how long one file may take.
    ///   - onHang: called on another thread with the file's path when parsing takes longer.
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

    /// Call before a file is parsed, and with nil when parsing has ended.
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

    /// Checks when the current file's time is over, and again as long as something is being parsed.
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

    /// Reads only the first line: the rest of an earlier, longer one may follow it.
    private static func read(_ descriptor: Int32) -> FileFingerprint? {
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].count == 2 * FileFingerprint.length else { return nil }
        return FileFingerprint(hash: String(words[0]), path: String(words[1]))
    }
}
