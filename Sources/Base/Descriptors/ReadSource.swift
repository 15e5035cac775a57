internal import Dispatch

/// Calls back when a descriptor can be read, until it is cancelled or released.
///
/// The callback runs on a queue of its own and must read until `EAGAIN`: what stays unread calls it again at once.
/// Unchecked: a dispatch source may be cancelled from any thread, and nothing else is done to it after `init`.
public final class ReadSource: @unchecked Sendable {
    private let source: any DispatchSourceRead

    /// - Parameters:
    ///   - fileDescriptor: non-blocking; stays open until `onCancel` runs.
    ///   - onCancel: runs once, after the last callback: the only safe place to close the descriptor.
    public init(
        fileDescriptor: Int32, label: String, onReadable: @escaping @Sendable () -> Void,
        onCancel: @escaping @Sendable () -> Void
    ) {
        source = DispatchSource.makeReadSource(fileDescriptor: fileDescriptor, queue: DispatchQueue(label: label))
        source.setEventHandler { @Sendable in onReadable() }
        source.setCancelHandler { @Sendable in onCancel() }
        source.activate()
    }

    deinit { source.cancel() }

    /// No callback begins after the one that runs now; `onCancel` follows.
    public func cancel() { source.cancel() }
}
