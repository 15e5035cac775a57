internal import Logging
internal import Manifest

/// A log whose lines contain what texts of others say (file names, Podman's errors) with every control and direction
/// character escaped, so that none of them can fake a line or act on a terminal.
struct PrintableLog: LogHandler {
    private var inner: any LogHandler

    init(_ inner: any LogHandler) { self.inner = inner }

    /// To standard error, where systemd's journal reads it.
    static func standardError(label: String) -> PrintableLog {
        PrintableLog(StreamLogHandler.standardError(label: label))
    }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue.mapValues(\.printable) }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { inner.metadataProvider }
        set { inner.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue?.printable }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(event.message.description.printable)"
        event.metadata = event.metadata?.mapValues(\.printable)
        inner.log(event: event)
    }
}

extension Logger.MetadataValue {
    fileprivate var printable: Logger.MetadataValue { .string(description.printable) }
}
