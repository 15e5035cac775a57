import Foundation
import Testing

/// What somebody does with Podman beside wgd: it is repaired, and what is not ours stays as it is.
extension EndToEnd {
    @Suite(.lab("podman", of: "two-hosts", grace: 0), .serialized) struct PodmanByHandTests {
        /// How many restarts: 50 in `make nightly`.
        private static let restarts = ProcessInfo.processInfo.environment["WGCTL_RESTARTS"].flatMap { Int($0) } ?? 6
        /// How long Podman is used at random beside wgd: minutes in `make nightly`.
        private static let chaosSeconds =
            ProcessInfo.processInfo.environment["WGCTL_CHAOS_SECONDS"].flatMap { Double($0) } ?? 10
        private static let seed = ProcessInfo.processInfo.environment["WGCTL_CHAOS_SEED"].flatMap { UInt64($0) } ?? 1

        private static let address = ["podman", "exec", "pod-a", "ip", "address"]

        /// Faults 53 and 54 on a real host.
        @Test func aRunningContainerWithoutItsNetworkIsRepairedAndReported() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            try await lab.must("host-a", "podman", "network", "disconnect", "overlay_net", "pod-a")
            try await lab.eventually("host-a", Self.address, seconds: 15) { $0.contains("10.0.0.10/24") }
            try await lab.eventually("host-a", ["wgctl", "get", "events"], seconds: 15) { events in
                events.contains("DriftRepaired") && events.contains("runs without 10.0.0.10")
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            for round in 1...Self.restarts {
                // Podman itself refuses now and then: another start was faster.
                try await byHand(lab, "podman restart -t 0 pod-a")
                try await lab.eventually("host-a", Self.address, seconds: 20) { $0.contains("10.0.0.10/24") }
                #expect(
                    try await lab.exec("host-a", ["wgctl", "diff"]).output.contains("runs without") == false, "\(round)"
                )
            }
            try await lab.ready("host-a")
        }

        /// Fault 54.
        @Test func labelsByHandMakeNothingOurs() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            try await makeForeign(lab)
            let before = try await foreign(lab)
            // Ours comes back: so Podman was compared with the manifests since.
            try await lab.must("host-a", "podman", "rm", "-f", "-t", "0", "pod-a")
            try await lab.eventually("host-a", ["sh", "-c", "podman exec pod-a true && wgctl diff"])
            #expect(try await foreign(lab) == before)
            try await removeForeign(lab)
        }

        /// Fault 57: one that ignores SIGTERM, and has an hour.
        @Test func aContainerThatIgnoresSIGTERMHoldsUpNoOther() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            let text = try lab.read("host-a.yaml")
            func container(_ name: String, _ address: Int, grace: Int) -> String {
                """
                    - name: \(name)
                      networks: [{overlay: overlay-net, addresses: [10.0.0.\(address)]}]
                      image: docker.io/library/alpine:3.20
                      command: [sleep, infinity]
                      terminationGracePeriodSeconds: \(grace)

                """
            }
            let stubborn = container("stubborn", 40, grace: 3600)
            try lab.save("host-a.yaml", text + stubborn + container("quick", 41, grace: 0))
            for name in ["stubborn", "quick"] {
                try await lab.eventually("host-a", ["podman", "exec", name, "true"])
            }
            let old = try await lab.identity("host-a", container: "stubborn")
            // The other one goes, and a new one comes, while it takes its time.
            try lab.save("host-a.yaml", text + container("fresh", 42, grace: 0))
            try await lab.eventually("host-a", ["podman", "exec", "fresh", "true"], seconds: 20)
            try await lab.eventually("host-a", ["sh", "-c", "! podman container exists quick"], seconds: 20)
            #expect(try await lab.identity("host-a", container: "stubborn") == old)
            try await lab.eventually("host-a", ["wgctl", "get", "containers"]) { listing in
                listing.split(separator: "\n").contains { $0.contains("stubborn") && $0.contains("Terminating") }
            }
            // Another daemon goes on with it, and `fresh` is wanted no more.
            let daemon = try await lab.daemon("host-a")
            try await lab.must("host-a", "kill", "-9", daemon)
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get containers 2>&1"]) { listing in
                !listing.contains("last recorded state")
                    && listing.split(separator: "\n").contains { $0.contains("stubborn") && $0.contains("Terminating") }
            }
            // Back in the manifests: it waits, and is made again.
            try lab.save("host-a.yaml", text + stubborn)
            try await lab.eventually("host-a", ["sh", "-c", "! podman container exists fresh"], seconds: 20)
            #expect(try await lab.identity("host-a", container: "stubborn") == old)
            try await lab.must("host-a", "podman", "kill", "stubborn")
            try await lab.eventually("host-a", ["sh", "-c", "podman exec stubborn true && podman inspect stubborn"]) {
                !$0.contains(old.split(separator: " ")[0])
            }
            // The host's policy bounds what is left.
            try lab.save("host-a.yaml", text)
            try await lab.eventually("host-a", ["wgctl", "get", "containers"]) { $0.contains("Terminating") }
            let down = try lab.start("host-a", ["wgctl", "down"])
            try await Task.sleep(for: .seconds(4))
            try await lab.must("host-a", "podman", "kill", "stubborn")
            let said = try await down.finish(seconds: 60)
            #expect(said.errors.contains("waiting for container stubborn, which has at most 3"), "\(said)")
            #expect(said.output.contains("delete container stubborn"), "\(said)")
            try await lab.eventually("host-a", ["sh", "-c", "! ps -eo args | grep -q '^wg[d] '"])
            try await lab.startDaemon("host-a")
            try await lab.ready("host-a")
        }

        /// Podman used at random beside wgd, also behind its back: the end equals the manifests, and what is foreign stays.
        @Test func whateverIsDoneWithPodmanTheEndIsAsWanted() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            try await makeForeign(lab)
            let before = try await foreign(lab)
            var random = Chaos(seed: Self.seed)
            let deadline = ContinuousClock.now + .seconds(Self.chaosSeconds)
            var done: [String] = []
            repeat {
                let script = random.next()
                done.append(script)
                try await byHand(lab, script)
            } while ContinuousClock.now < deadline
            try await lab.eventually("host-a", ["sh", "-c", "podman exec pod-a ip address && wgctl diff"], seconds: 90)
            {
                $0.contains("10.0.0.10/24")
            }
            try await lab.ready("host-a")
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let names = try await lab.must("host-a", "podman", "ps", "-a", "--format", "{{.Names}}")
            #expect(Set(names.split(separator: "\n")) == ["copy", "pod-a"], "seed \(Self.seed): \(done)")
            #expect(try await foreign(lab) == before, "seed \(Self.seed): \(done)")
            try await removeForeign(lab)
        }

        /// What an operator types, whatever comes of it. Podman leaves processes behind that hold its descriptors.
        private func byHand(_ lab: Laboratory, _ script: String) async throws {
            try await lab.must("host-a", "rm", "-f", "/run/by-hand")
            try await lab.background("host-a", "(\(script)); touch /run/by-hand")
            try await lab.eventually("host-a", ["test", "-e", "/run/by-hand"])
        }

        // MARK: What is not ours

        private func makeForeign(_ lab: Laboratory) async throws {
            let labels = "--label dev.wgctl.node=host-a --label dev.wgctl.name=copy"
            try await lab.background(
                "host-a",
                "podman run -d --name copy --stop-timeout 0 --network none \(labels) \(Laboratory.image) sleep infinity"
            )
            try await lab.eventually("host-a", ["podman", "exec", "copy", "true"])
            try await lab.must(
                "host-a", "podman", "network", "create", "--subnet", "172.31.9.0/24", "--label",
                "dev.wgctl.overlay=overlay-net", "theirs")
        }

        private func foreign(_ lab: Laboratory) async throws -> String {
            try await lab.shell(
                "host-a",
                "podman inspect -f '{{.Id}} {{.State.StartedAt}}' copy; podman network inspect -f '{{.ID}}' theirs")
        }

        private func removeForeign(_ lab: Laboratory) async throws {
            try await lab.shell("host-a", "podman rm -f -t 0 copy; podman network rm theirs")
        }
    }
}

/// What an operator may do to a container and its network, in an order that a seed decides.
private struct Chaos {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    private static let scripts = [
        "podman restart -t 0 pod-a", "podman stop -t 0 pod-a", "podman kill pod-a",
        "podman pause pod-a; podman unpause pod-a",
        "podman rm -f -t 0 pod-a", "podman rm -f -t 0 pod-a; podman rm -f -t 0 pod-a", "podman rename pod-a elsewhere",
        "podman network disconnect overlay_net pod-a", "podman network rm -f overlay_net", "podman start pod-a",
        "podman stop -t 0 pod-a; podman start pod-a", "sleep 1", "sleep 3",
    ]

    /// xorshift64*.
    mutating func next() -> String {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Chaos.scripts[Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % Chaos.scripts.count]
    }
}
