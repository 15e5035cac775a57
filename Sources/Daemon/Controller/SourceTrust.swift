internal import Convergence
internal import Glibc
internal import ManifestWatch
internal import Reconciler
internal import Resources

/// What happens when others can write the manifest directory, or a directory above it.
///
/// `SourceUnavailable`, unless the host was upgraded from a release without this check: then it is a warning, until the
/// directory was found to be secure once. A file in the state directory records that.
struct SourceTrust: Sendable {
    private let options: DaemonOptions

    init(_ options: DaemonOptions) { self.options = options }

    /// - Parameter isUpgraded: whether the state directory contains last good documents.
    func trust(isUpgraded: Bool) -> WriterTrust {
        if options.trustsManifestWriters { return .warning }
        return isUpgraded && access(options.secureSourcePath, F_OK) != 0 ? .strictOnceSecure : .strict
    }

    /// Records that the directory was secure. If the disk refuses it, an insecure directory remains a warning.
    func noteSecure() {
        guard !options.trustsManifestWriters, access(options.secureSourcePath, F_OK) != 0 else { return }
        let descriptor = open(options.secureSourcePath, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }
}

extension HostController {
    /// Reports once that others can write the manifests where that is tolerated, and once that they no longer can.
    func noteSecurity(_ security: SourceSecurity) async {
        if security.wasSecure { SourceTrust(options).noteSecure() }
        let isRead = facts.source.value.error == nil
        // In a lab nobody has to act on it.
        let outlook = options.trustsManifestWriters ? "" : "; the next release reads no such directory"
        let warning = isRead ? security.fault.map { $0 + outlook } : nil
        guard facts.source.set(\.insecure, to: warning) else { return }
        let regarding = ResourceReference.node(options.node)
        if let warning {
            await recorder.event(.warning, Reason.sourceInsecure, warning, regarding: regarding)
        } else if isRead {
            await recorder.event(
                .normal, Reason.restored, "nobody but root and its owner can write the manifest directory",
                regarding: regarding)
        }
    }
}
