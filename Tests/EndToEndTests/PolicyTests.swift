import Foundation
import Testing

/// What a host's policy does not allow is held on that host, and everything else goes on.
extension EndToEnd {
    @Suite(.lab("host-policy", of: "two-hosts", grace: 1)) struct PolicyTests {
        private static func probe(_ security: String) -> String {
            """
                - name: probe
                  networks: [{overlay: overlay-net, addresses: [10.0.0.50]}]
                  image: docker.io/library/alpine:3.20
                  command: [sleep, infinity]
                  terminationGracePeriodSeconds: 1
                  securityContext: \(security)

            """
        }

        @Test func aPrivilegedContainerWaitsForThePolicyWhileItsNeighbourRuns() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            let neighbour = try await lab.identity("host-a", container: "pod-a")
            let text = try lab.read("host-a.yaml")
            try lab.save("host-a.yaml", text.withContainer(Self.probe("{privileged: true}")))
            let mistake =
                "spec.containers[1].securityContext.privileged: the host policy allows no privileged container"
            try await lab.eventually("host-a", ["wgctl", "describe", "container", "probe"]) {
                $0.contains("PolicyViolation") && $0.contains("host-a.yaml:") && $0.contains(mistake)
            }
            #expect(try await lab.must("host-a", "wgctl", "get", "containers").contains("PolicyViolation"))
            #expect(try await !lab.exec("host-a", ["podman", "container", "exists", "probe"]).isSuccess)
            #expect(try await lab.must("host-a", "wgctl", "describe", "node", "host-a").contains(mistake))
            let events = try await lab.must("host-a", "wgctl", "events", "--for", "container/probe")
            #expect(events.contains("PolicyViolation"), "\(events)")
            let difference = try await lab.exec("host-a", ["wgctl", "diff"])
            #expect(difference.status == 1 && difference.output.contains("! container/probe"), "\(difference)")
            // The document is good, here and elsewhere: no other host is bounded by this one's policy.
            for host in ["host-a", "host-b"] {
                let object = try await lab.must(host, "wgctl", "get", "node", "host-a", "-o", "yaml")
                #expect(object.contains("reason: Accepted") || object.contains("reason: PublicKeyMissing"), "\(object)")
            }
            #expect(try await lab.identity("host-a", container: "pod-a") == neighbour)
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")

            // Nobody tells the daemon.
            try lab.savePolicy("{containers: {privileged: true}}")
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.50")
            try await lab.ready("host-a")
            #expect(try await isPrivileged("probe"))
            #expect(try await lab.must("host-a", "wgctl", "status").contains(lab.policy.path))
            let mended = try await lab.must("host-a", "wgctl", "events", "--for", "container/probe")
            #expect(mended.contains("PolicyViolationResolved"), "\(mended)")
            #expect(try await lab.identity("host-a", container: "pod-a") == neighbour)
            try await reset(text)
        }

        @Test func aBrokenPolicyStopsNothing() async throws {
            let lab = try lab()
            let text = try lab.read("host-a.yaml")
            try lab.savePolicy("{containers: {privileged: true}}")
            try lab.save("host-a.yaml", text.withContainer(Self.probe("{privileged: true}")))
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.50")
            try await lab.ready("host-a")
            let probe = try await lab.identity("host-a", container: "probe")

            try lab.savePolicy("{containers: {privileged: perhaps}}")
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) {
                $0.contains("policy.yaml:3:33: spec.containers.privileged: must be true or false")
            }
            #expect(try await lab.must("host-a", "wgctl", "events").contains("PolicyInvalid"))
            // The last good one stays in force.
            #expect(try await !lab.must("host-a", "wgctl", "get", "containers").contains("PolicyViolation"))
            try await lab.eventually("host-a", ["wgctl", "diff"])

            // A new process knows no last policy: the default holds the container, which runs on.
            let daemon = try await lab.daemon("host-a")
            try await lab.shell("host-a", "kill \(daemon); while test -e /proc/\(daemon); do sleep 0.05; done")
            try await lab.startDaemon("host-a")
            try await lab.eventually("host-a", ["wgctl", "describe", "container", "probe"]) {
                $0.contains("PolicyViolation") && $0.contains("running")
            }
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.50")

            try lab.savePolicy("{containers: {privileged: true}}")
            try await lab.ready("host-a")
            #expect(try await lab.identity("host-a", container: "probe") == probe)
            try await reset(text)
        }

        @Test func aRunningContainerWhoseNewSpecIsNotAllowedStaysWhatItWas() async throws {
            let lab = try lab()
            let text = try lab.read("host-a.yaml")
            try lab.save("host-a.yaml", text.withContainer(Self.probe("{readOnlyRootFilesystem: true}")))
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.50")
            try await lab.ready("host-a")
            let probe = try await lab.identity("host-a", container: "probe")
            try lab.save("host-a.yaml", text.withContainer(Self.probe("{capabilities: {add: [SYS_ADMIN]}}")))
            try await lab.eventually("host-a", ["wgctl", "describe", "container", "probe"]) {
                $0.contains("the host policy lets no container add SYS_ADMIN") && $0.contains("running")
            }
            try await expectNothingToDo(violations: 1)
            #expect(try await lab.identity("host-a", container: "probe") == probe)
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.50")
            // What the manifests no longer have is removed as ever.
            try await reset(text)
        }

        @Test func anOverlayOutsideStandsAsItWasAndIsFollowedAgain() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            let pod = try await lab.identity("host-a", container: "pod-a")
            let index = try await lab.index("host-a", "wg0")
            let ping = try await SteadyPing(lab, "host-b", container: "pod-b", "10.0.0.10", seconds: 8)
            try lab.savePolicy("{overlays: {cidrs: [10.1.0.0/16]}}")
            try await lab.eventually("host-a", ["wgctl", "describe", "overlay", "overlay-net"]) {
                $0.contains("PolicyViolation") && $0.contains("10.0.0.0/24 lies outside") && $0.contains("as it was")
            }
            try await expectNothingToDo(violations: 2)
            try await ping.expectNoLoss()
            try lab.savePolicy("{}")
            try await lab.ready("host-a")
            #expect(try await lab.identity("host-a", container: "pod-a") == pod)
            #expect(try await lab.index("host-a", "wg0") == index)
        }

        /// Both lanes compare, and find nothing that they may do.
        private func expectNothingToDo(violations: Int) async throws {
            let difference = try await lab().exec("host-a", ["wgctl", "diff"])
            let plan = "Plan: 0 to add, 0 to change, 0 to remove. \(violations) against the policy."
            #expect(difference.output.contains(plan), "\(difference)")
        }

        private func isPrivileged(_ container: String) async throws -> Bool {
            try await lab().must("host-a", "podman", "inspect", "-f", "{{.HostConfig.Privileged}}", container)
                == "true\n"
        }

        /// The manifests and the policy of the beginning.
        private func reset(_ text: String) async throws {
            let lab = try lab()
            try lab.save("host-a.yaml", text)
            try await lab.eventually("host-a", ["sh", "-c", "! podman container exists probe"])
            try? FileManager.default.removeItem(at: lab.policy)
            try await lab.eventually("host-a", ["wgctl", "status"]) { $0.contains("the default, as there is no") }
            try await lab.ready("host-a")
        }
    }
}
