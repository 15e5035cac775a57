internal import Convergence
internal import Resources

/// Which of the daemon's services do not work: an event when that begins, with another reason, and when it ends.
actor ServiceHealth {
    private let world: World
    private let recorder: Recorder
    private let localNode: String
    /// Records the report, which is what wgctl shows while the control socket cannot be made.
    private let saveReport: @Sendable () async -> Void

    init(
        world: World, recorder: Recorder, localNode: String, saveReport: @escaping @Sendable () async -> Void
    ) {
        self.world = world
        self.recorder = recorder
        self.localNode = localNode
        self.saveReport = saveReport
    }

    func failed(_ service: String, _ reason: String) async {
        let isNew = world.mutate { $0.serviceFailures.updateValue(reason, forKey: service) != reason }
        guard isNew else { return }
        await recorder.event(
            .warning, Reason.serviceFailed,
            "the \(service) does not work: \(reason). wgd keeps trying, and everything else goes on",
            regarding: .node(localNode))
        await saveReport()
    }

    func works(_ service: String) async {
        guard world.mutate({ $0.serviceFailures.removeValue(forKey: service) }) != nil else { return }
        await recorder.event(
            .normal, Reason.serviceRestored, "the \(service) works again", regarding: .node(localNode))
        await saveReport()
    }
}
