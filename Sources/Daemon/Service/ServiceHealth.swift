internal import Convergence
internal import Reconciler
internal import Resources

/// Which of the daemon's services fail: an event when that begins, when its reason changes, and when it ends.
actor ServiceHealth {
    private let failures: FactWriter<ServiceFailures>
    private let recorder: Recorder
    private let localNode: String
    /// Records the report, which wgctl shows while the control socket cannot be created.
    private let saveReport: @Sendable () async -> Void

    init(
        board: FactBoard, recorder: Recorder, localNode: String, saveReport: @escaping @Sendable () async -> Void
    ) {
        failures = board.writer()
        self.recorder = recorder
        self.localNode = localNode
        self.saveReport = saveReport
    }

    func failed(_ service: String, _ reason: String) async {
        guard failures.set(\.reasons[service], to: reason) else { return }
        await recorder.event(
            .warning, Reason.serviceFailed,
            "the \(service) does not work: \(reason). wgd keeps trying, and everything else goes on",
            regarding: .node(localNode))
        await saveReport()
    }

    func works(_ service: String) async {
        guard failures.set(\.reasons[service], to: nil) else { return }
        await recorder.event(
            .normal, Reason.serviceRestored, "the \(service) works again", regarding: .node(localNode))
        await saveReport()
    }
}
