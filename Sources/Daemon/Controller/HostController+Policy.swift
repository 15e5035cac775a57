internal import Convergence
internal import HostPolicy
internal import HostState
internal import Manifest
internal import NetAddress
internal import Reconciler
internal import Resources

extension HostController {
    /// The keys that override the manifests': pinned ones, overridden in turn by the command line's.
    var effectiveKeys: [String: PublicKey] { policyWatch.policy.pins.merging(peerKeys.keys) { _, key in key } }

    /// Publishes the current policy for reports.
    func publishPolicy() {
        var report = PolicyReport(source: policyWatch.source, keys: effectiveKeys)
        if let fault = policyWatch.fault {
            report.warnings = fault.split(separator: "\n").map { "host policy: \($0)" }
            report.warnings.append("host policy: in force is \(policyWatch.source)")
        }
        facts.policy.set(report)
        facts.limits.set(\.stopTimeout, to: policyWatch.policy.containers.maxTerminationGracePeriodSeconds)
    }

    /// Checks the policy file, and that of `--peer-keys`, every second: small local files of which no change may be missed.
    nonisolated func followPolicy() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            inbox.send(.policy)
        }
    }

    func lookAtPolicy() async {
        let hasNewPolicy = policyWatch.look()
        let hasNewKeys = peerKeys.look()
        guard hasNewPolicy || hasNewKeys else { return }
        publishPolicy()
        if hasNewPolicy { await tellPolicy() }
        if policyWatch.fault == nil || hasNewKeys {
            await settleKey(judge(facts.manifests.value.accepted.live).resources)
            await hostChanged(hasNewPolicy: true)
        }
        await recorder.refresh()
    }

    func judge(_ live: ResourceSet) -> Judgement { policyWatch.policy.judge(live, node: options.node) }

    /// - Parameter places: the acceptor that accepted the set.
    func messages(
        of judgement: Judgement, in accepted: AcceptedSet, places: Acceptor
    ) -> [ResourceReference: String] {
        judgement.violations.mapValues { violations in
            violations.map { violation in
                places.error(
                    at: violation.path, of: violation.resource, in: accepted, violation.reason, remedy: violation.remedy
                ).description
            }.joined(separator: "\n")
        }
    }

    func tellPolicy() async {
        let regarding = ResourceReference.node(options.node)
        if let fault = policyWatch.fault {
            let message = "\(fault)\nin force is \(policyWatch.source)"
            await recorder.event(.warning, Reason.policyInvalid, message, regarding: regarding)
        } else {
            await recorder.event(
                .normal, Reason.policyLoaded, "host policy: \(policyWatch.source)", regarding: regarding)
        }
    }

    /// Records an event of the object when the policy begins or stops freezing it.
    func tellPolicyViolations(before: [ResourceReference: String]) async {
        let now = facts.manifests.value.violations
        for (object, message) in now.sorted(by: { $0.key < $1.key }) where before[object] != message {
            await recorder.event(.warning, Reason.policyViolation, message, regarding: object)
        }
        for object in before.keys.sorted() where now[object] == nil {
            await recorder.event(
                .normal, Reason.policyViolationResolved, "is within the host policy again, or gone", regarding: object)
        }
    }
}
