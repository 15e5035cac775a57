import Foundation
import Testing

/// What the hosts' policy must allow for these containers.
private let allowed = """
    {containers: {capabilities: [NET_ADMIN], hostPaths: [{pathPrefix: /run/shared, readOnly: true}],
                  hostPorts: [{min: 18080, max: 18080}], secretFiles: [/run/token]}}
    """

/// What a manifest says of a container is so inside it; a drained node keeps its tunnel.
extension EndToEnd {
    @Suite(.lab("containers", of: "two-hosts", grace: 1, policy: allowed)) struct ContainerTests {
        private static let full = """
                - name: full
                  networks: [{overlay: overlay-net, addresses: [10.0.0.40]}]
                  image: docker.io/library/alpine:3.20
                  command: [sh, -c]
                  args: ["echo here > /data/mark; exec httpd -f -p 8080 -h /data"]
                  workingDir: /tmp
                  env:
                    - {name: GREETING, value: "hello, $HOME \\"quoted\\" wörld"}
                    - {name: TOKEN, valueFrom: {file: /run/token}}
                  ports: [{containerPort: 8080, hostPort: 18080}]
                  volumes:
                    - {volume: kept, mountPath: /data}
                    - {hostPath: /run/shared, mountPath: /shared, readOnly: true}
                  restartPolicy: Always
                  terminationGracePeriodSeconds: 1
                  resources: {limits: {cpu: 500m, memory: 64Mi}}
                  securityContext: {capabilities: {add: [NET_ADMIN], drop: [CHOWN]}, readOnlyRootFilesystem: true}
                  ulimits: [{name: nofile, soft: 512, hard: 1024}]
                  labels: {tier: front}

            """

        @Test func everyFieldIsSoInside() async throws {
            let lab = try lab()
            try await lab.shell(
                "host-a",
                "umask 077; echo canary-token > /run/token; mkdir -p /run/shared; echo shared > /run/shared/file")
            let text = try lab.read("host-a.yaml")
            try lab.save("host-a.yaml", text.withContainer(Self.full))
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.40")
            let environment = try await inside("env")
            #expect(environment.contains("GREETING=hello, $HOME \"quoted\" wörld\n"))
            #expect(environment.contains("TOKEN=canary-token\n"))
            #expect(try await inside("pwd") == "/tmp\n")
            #expect(try await inside("cat /shared/file") == "shared\n")
            #expect(try await inside("touch /shared/x 2>&1 || true").contains("Read-only file system"))
            #expect(try await inside("touch /x 2>&1 || true").contains("Read-only file system"))
            #expect(try await inside("ulimit -Sn; ulimit -Hn") == "512\n1024\n")
            // Bits 12 (NET_ADMIN) and 0 (CHOWN) of capabilities(7).
            let capabilities = try #require(
                UInt64(try await inside("awk '/^CapEff/ {print $2}' /proc/1/status").dropLast(), radix: 16))
            #expect(capabilities & 1 << 12 != 0 && capabilities & 1 == 0)
            let limits = try await lab.must(
                "host-a", "podman", "inspect", "-f",
                "{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}} {{.Config.Labels.tier}}",
                "full")
            #expect(limits == "\(64 << 20) 50000 100000 front\n")
            // A port of the host, from the other host, on the underlay.
            let page = try await lab.must(
                "host-b", "busybox", "wget", "-q", "-O", "-", "http://192.168.1.10:18080/mark")
            #expect(page == "here\n")
            // grep's 1: found nowhere.
            let told = try await lab.exec(
                "host-a",
                [
                    "sh", "-c",
                    "{ wgctl get containers,nodes,events -o yaml; cat /var/lib/wgctl/state.db*; } | grep -ac canary",
                ])
            #expect(told.status == 1 && told.output == "0\n", "the secret is told: \(told)")

            // The volume outlives the container.
            try lab.save(
                "host-a.yaml",
                text.withContainer(Self.full.replacingOccurrences(of: "echo here >", with: "echo again >>")))
            try await lab.eventually("host-a", ["podman", "exec", "full", "cat", "/data/mark"]) {
                $0 == "here\nagain\n"
            }
            try lab.save("host-a.yaml", text)
        }

        private func inside(_ script: String) async throws -> String {
            try await lab().must("host-a", "podman", "exec", "full", "sh", "-c", script)
        }

        private static let broken = """
                - {name: loop, image: docker.io/library/alpine:3.20, command: [sh, -c, exit 3]}
                - name: sick
                  image: docker.io/library/alpine:3.20
                  command: [sleep, infinity]
                  healthCheck: {command: [CMD-SHELL, "true | ls /tmp/well"], interval: 1s, retries: 1}
                - {name: roll, image: docker.io/library/alpine:3.20, command: [sleep, infinity]}

            """

        /// The lab has no systemd, so that wgd itself runs the health checks.
        @Test func whatDoesNotWorkSaysSo() async throws {
            let lab = try lab()
            let text = try lab.read("host-a.yaml")
            try lab.save("host-a.yaml", text.withContainer(Self.broken))
            try await condition("sick", "Ready", is: "Unhealthy")
            try await lab.must("host-a", "podman", "exec", "sick", "touch", "/tmp/well")
            try await condition("sick", "Ready", is: "Ready")
            try await condition("loop", "Ready", is: "CrashLoopBackOff")
            let starts = try await lab.must("host-a", "podman", "inspect", "-f", "{{.RestartCount}}", "loop")
            #expect(starts == "0\n", "Podman restarts nothing")

            // No registry listens there, so that Podman gives up at once.
            let rollout = Self.broken.replacingOccurrences(
                of: "roll, image: docker.io/library/alpine:3.20", with: "roll, image: 127.0.0.1:1/none:1")
            let before = try await lab.identity("host-a", container: "roll")
            try lab.save("host-a.yaml", text.withContainer(rollout))
            try await condition("roll", "Programmed", is: "ErrImagePull")
            #expect(try await reason("roll", "Ready") == "Ready")
            #expect(try await lab.identity("host-a", container: "roll") == before)

            // What ends while wgd is away is started when it is back, whatever Podman would do.
            let started = try await lab.identity("host-a", container: "sick")
            try await lab.must("host-a", "kill", "-9", try await lab.daemon("host-a"))
            try await lab.must("host-a", "podman", "kill", "sick")
            try await lab.startDaemon("host-a")
            try await lab.eventually(
                "host-a", ["podman", "inspect", "-f", "{{.Id}} {{.State.StartedAt}} {{.State.Status}}", "sick"]
            ) { $0.contains("running") && !$0.contains(started.trimmingCharacters(in: .whitespacesAndNewlines)) }
            try lab.save("host-a.yaml", text)
            try await lab.eventually("host-a", ["podman", "ps", "-a", "--format", "{{.Names}}"]) { $0 == "pod-a\n" }
        }

        private func reason(_ container: String, _ type: String) async throws -> String? {
            try Self.reason(
                type, in: try await lab().must("host-a", "wgctl", "get", "container/\(container)", "-o", "json"))
        }

        private func condition(_ container: String, _ type: String, is reason: String) async throws {
            try await lab().eventually("host-a", ["wgctl", "get", "container/\(container)", "-o", "json"]) { json in
                (try? Self.reason(type, in: json)) == reason
            }
        }

        private static func reason(_ type: String, in json: String) throws -> String? {
            let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            let conditions = object?["conditions"] ?? (object?["status"] as? [String: Any])?["conditions"]
            return (conditions as? [[String: Any]])?.first { $0["type"] as? String == type }?["reason"] as? String
        }

        @Test func aDrainedNodeStopsItsContainersAndKeepsItsTunnel() async throws {
            let lab = try lab()
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            try await lab.settled("host-a")
            let index = try await lab.index("host-a", "wg0")
            let text = try lab.read("host-a.yaml")
            let ping = try await SteadyPing(lab, "host-b", container: "pod-b", "10.0.0.1", seconds: 5)
            try lab.save(
                "host-a.yaml", text.replacingOccurrences(of: "spec:\n", with: "spec:\n  unschedulable: true\n"))
            try await lab.eventually("host-a", ["podman", "ps", "--format", "{{.Names}}"]) { $0.isEmpty }
            try await ping.expectNoLoss()
            try await lab.ready("host-a")
            #expect(try await lab.index("host-a", "wg0") == index)

            try lab.save("host-a.yaml", text)
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            #expect(try await lab.index("host-a", "wg0") == index)
        }
    }
}
