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

/// A stream of what `drain` finds each time that the descriptor can be read; only the newest waits for the consumer.
///
/// The descriptor is closed when the stream is no longer iterated.
/// - Parameter drain: reads until `EAGAIN`, on a queue of its own; nil says that nothing is worth telling.
public func readings<Element: Sendable>(
    of descriptor: consuming Descriptor, label: String,
    _ drain: @escaping @Sendable (borrowing Descriptor) -> Element?
) -> AsyncStream<Element> {
    let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(1))
    let shared = SharedDescriptor(descriptor)
    let source = ReadSource(
        fileDescriptor: shared.descriptor.rawValue, label: label,
        onReadable: { if let element = drain(shared.descriptor) { continuation.yield(element) } },
        // Dispatch lets go of both closures after this one, and with them of the descriptor.
        onCancel: { withExtendedLifetime(shared) {} })
    continuation.onTermination = { _ in source.cancel() }
    return stream
}

/// Lets several closures hold one descriptor; the last to go closes it.
private final class SharedDescriptor: Sendable {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
