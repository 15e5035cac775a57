import Foundation
import HostState
import NetAddress
import Podman
import PodmanState
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct ContainerTests {
    @Test func createsStartsReplacesStopsAndRemoves() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            let desired = try sampleContainer()
            try await backend.apply(.createContainer(desired))

            let running = try #require(try await backend.container("pod-a"))
            #expect(running.state == .running)
            #expect(running.labels["dev.wgctl.spec-hash"] == desired.specHash)
            #expect(running.labels["dev.wgctl.node"] == "host-a")
            #expect(running.labels["dev.wgctl.name"] == "pod-a")
            #expect(running.addresses == [try address("10.0.0.10"), try address("fd00:10::10")])
            #expect(running.startedAt > 1_600_000_000)
            #expect(running.stopTimeout == desired.stopTimeout)

            // What the container itself sees: static addresses, static MAC, MTU, host name.
            let seen = try await host.podman("exec", "pod-a", "ip", "address", "show", "dev", "eth0")
            #expect(seen.contains("10.0.0.10/24"))
            #expect(seen.contains("fd00:10::10/64"))
            #expect(seen.contains("\(MACAddress(derivedFrom: "pod-a"))"))
            #expect(seen.contains("mtu 1420"))
            #expect(try await host.podman("exec", "pod-a", "hostname") == "pod-a")

            // An unchanged world is only read.
            let writes = backend.writes
            let again = try await backend.container("pod-a")
            #expect(again == running)
            #expect(backend.writes == writes)

            _ = try await host.podman("stop", "--time", "1", "pod-a")
            let stopped = try #require(try await backend.container("pod-a"))
            #expect(stopped.isLive == false)
            #expect(stopped.addresses == running.addresses, "known without an inspection that shows them")
            try await backend.apply(.startContainer(desired, id: running.id))
            #expect(try await backend.container("pod-a")?.state == .running)

            var changed = desired
            changed.arguments = ["2000"]
            try await backend.apply(.removeContainer(name: "pod-a", id: running.id, timeout: 1))
            try await backend.apply(.createContainer(changed))
            let replaced = try #require(try await backend.container("pod-a"))
            #expect(replaced.id != running.id)
            #expect(replaced.labels["dev.wgctl.spec-hash"] == changed.specHash)

            try await backend.apply(.removeContainer(name: "pod-a", id: replaced.id, timeout: 1))
            // Removing what is gone is done already.
            try await backend.apply(.removeContainer(name: "pod-a", id: replaced.id, timeout: 1))
            #expect(try await backend.container("pod-a") == nil)

            // The anchor keeps the bridge, and its MAC, past the last container.
            let bridge = try await host.shell("ip link show dev br-test")
            #expect(bridge.contains("02:00:00:00:ff:01"))
        }
    }

    @Test func everyFieldReachesTheContainer() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            try Data("canary-9d1f\n".utf8).write(to: URL(fileURLWithPath: host.directory + "/secret"))
            chmod(host.directory + "/secret", 0o600)
            try Data("podman-canary".utf8).write(to: URL(fileURLWithPath: host.directory + "/podman-secret"))
            try await host.podman("secret", "create", "db", host.directory + "/podman-secret")

            var desired = try sampleContainer()
            desired.environment = [
                "PLAIN": .literal("a b=\"c\""), "FROM_FILE": .file(path: host.directory + "/secret"),
                "FROM_PODMAN": .podmanSecret(name: "db"),
            ]
            desired.workingDirectory = "/etc"
            desired.cpuLimitMilli = 500
            desired.memoryLimit = 64 << 20
            desired.addCapabilities = ["NET_ADMIN"]
            desired.dropCapabilities = ["CHOWN"]
            desired.user = "1000:1001"
            desired.isRootReadOnly = true
            desired.ulimits = [.init(name: "nofile", soft: 100, hard: 200)]
            desired.labels = ["app": "web"]
            desired.mounts = [
                .init(source: .hostPath(host.directory + "/net"), mountPath: "/mnt/host", isReadOnly: true),
                .init(source: .volume("data"), mountPath: "/mnt/data", isReadOnly: false),
            ]
            desired.ports = [
                .init(containerPort: 80, hostPort: 8080, hostIP: try address("127.0.0.1"), transport: "tcp")
            ]
            desired.healthCheck = .init(command: ["true"], interval: 5, timeout: 2, startPeriod: 1, retries: 4)
            try await backend.apply(.createContainer(desired))

            func inside(_ script: String) async throws -> String {
                try await host.podman("exec", "pod-a", "sh", "-c", script)
            }
            #expect(
                try await inside("echo \"$PLAIN|$FROM_FILE|$FROM_PODMAN\"") == "a b=\"c\"|canary-9d1f|podman-canary")
            #expect(try await inside("pwd") == "/etc")
            #expect(try await inside("id -u; id -g") == "1000\n1001")
            #expect(try await inside("ulimit -n") == "100")
            #expect(try await inside("ulimit -H -n") == "200")
            #expect(try await inside("(echo >/etc/new) 2>/dev/null || echo refused") == "refused")
            #expect(try await inside("ls /mnt/host").contains("overlay_net.json"))
            #expect(try await inside("(echo >/mnt/host/new) 2>/dev/null || echo refused") == "refused")
            #expect(try await inside("ls -d /mnt/data") == "/mnt/data")

            let format =
                "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} "
                + "{{.Config.StopTimeout}} {{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}} {{.Config.Labels.app}} "
                + "{{.Config.Healthcheck.Test}} {{.Config.Healthcheck.Retries}} {{.HostConfig.PortBindings}}"
            #expect(
                try await host.podman("inspect", "--format", format, "pod-a")
                    == "500000000 67108864 no 1 [CAP_NET_ADMIN] [CAP_CHOWN] web [CMD true] 4 "
                    + "map[80/tcp:[{127.0.0.1 8080}]]")
            #expect(try await backend.container("pod-a")?.health == "starting")

            // The value is not in what created the container: neither in its stored specification nor in a label.
            let stored = try await host.podman("container", "inspect", "--format", "{{json .Config.Labels}}", "pod-a")
            #expect(!stored.contains("canary"))

            let secrets = try await host.podman("secret", "ls", "--format", "{{.Name}}")
            #expect(Set(secrets.split(separator: "\n")) == ["db", "wgctl.pod-a.FROM_FILE"])
            // One that an earlier release made has another name, and the same mark.
            _ = try await host.podman(
                "secret", "create", "--driver-opts", "dev.wgctl.container=pod-a", "wgctl-pod-a-OLD", "/etc/hostname")
            let id = try #require(try await backend.container("pod-a")).id
            try await backend.apply(.removeContainer(name: "pod-a", id: id, timeout: 1))
            #expect(try await host.podman("secret", "ls", "--format", "{{.Name}}") == "db")
            #expect(try await host.podman("volume", "ls", "--format", "{{.Name}}") == "data", "named volumes stay")
        }
    }

    @Test func aForeignContainerIsNeverTouched() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            let id = try await host.podman("run", "--detach", "--name", "pod-a", "--network", "none", PodmanHost.image)
            host.foreign.withLock { _ = $0.insert(id) }
            #expect(
                await reason { try await backend.apply(.removeContainer(name: "pod-a", id: id, timeout: 1)) }
                    == .foreign)
            #expect(try await backend.container("pod-a")?.state == .running)
            try await backend.apply(.createNetwork(try sampleNetwork()))
            #expect(await reason { try await backend.apply(.createContainer(try sampleContainer())) } == .nameInUse)
        }
    }

    @Test func refusalsSayWhatIsMissing() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            var desired = try sampleContainer()
            desired.image = "localhost/absent:1"
            #expect(await reason { try await backend.apply(.createContainer(desired)) } == .imageMissing)
            desired = try sampleContainer()
            desired.environment = ["A": .podmanSecret(name: "nowhere")]
            #expect(await reason { try await backend.apply(.createContainer(desired)) } == .secretMissing("nowhere"))

            let path = host.directory + "/open"
            try Data("canary".utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o644)
            desired.environment = ["A": .file(path: path)]
            do {
                try await backend.apply(.createContainer(desired))
                Issue.record("a secret file that others can read is refused")
            } catch {
                #expect("\(error)" == "container/pod-a: secret file \(path) is open to others: chmod 0600 it")
            }
            #expect(try await backend.container("pod-a") == nil)
        }
    }

    /// wgd starts what has ended: with a policy of its own, Podman would do so up to 16 times a second.
    @Test func podmanRestartsNothingItselfAndOneThatItDoesCanBeStopped() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            var desired = try sampleContainer(addresses: [])
            desired.networks = []
            desired.entrypoint = ["sh", "-c", "exit 3"]
            desired.restartPolicy = .always
            try await backend.apply(.createContainer(desired))
            try await waitUntil("it has ended") { try await backend.container("pod-a")?.state == .exited }
            let ended = try #require(try await backend.container("pod-a"))
            #expect(ended.restartCount == 0 && ended.exitCode == 3 && ended.isRestartedByPodman == false)

            // As an earlier release made it.
            try await host.podman(
                "run", "--detach", "--name", "old", "--restart", "always", "--network", "none", "--label",
                "dev.wgctl.node=host-a", PodmanHost.image, "sh", "-c", "exit 3")
            try await waitUntil("Podman restarts it") {
                try await backend.container("old").map { $0.restartCount > 4 && $0.isRestartedByPodman == true }
                    ?? false
            }
            let old = try #require(try await backend.container("old"))
            var wanted = desired
            wanted.name = "old"
            try await waitUntil("it is stopped") {
                try await backend.apply(.haltContainer(wanted, id: old.id))
                let count = try await host.podman("inspect", "--format", "{{.RestartCount}}", "old")
                try await Task.sleep(for: .milliseconds(300))
                return try await host.podman("inspect", "--format", "{{.RestartCount}}", "old") == count
            }
        }
    }

    @Test func healthChecksMeanWhatTheyMeanInComposeAndRunOnRequest() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            var desired = try sampleContainer(addresses: [])
            desired.networks = []
            func status(_ name: String, _ command: [String]) async throws -> String? {
                desired.name = name
                desired.healthCheck = .init(command: command, interval: 5, timeout: 2, startPeriod: 0, retries: 1)
                try await backend.apply(.createContainer(desired))
                let found = try #require(try await backend.container(name))
                #expect(
                    found.healthCheck
                        == (command == ["NONE"] ? nil : .init(interval: .seconds(5), timeout: .seconds(2))))
                let status = try await backend.checkHealth(name, id: found.id)
                #expect(try await backend.container(name)?.health == status)
                return status
            }
            #expect(try await status("plain", ["test", "-d", "/bin"]) == "healthy")
            #expect(try await status("fails", ["test", "-d", "/nowhere"]) == "unhealthy")
            #expect(try await status("cmd", ["CMD", "test", "-d", "/bin"]) == "healthy")
            #expect(try await status("shell", ["CMD-SHELL", "false | true"]) == "healthy")
            #expect(try await status("shell-fails", ["CMD-SHELL", "true | false"]) == "unhealthy")
            #expect(try await status("none", ["NONE"]) == nil)
            let id = try #require(try await backend.container("cmd")).id
            try await host.podman("stop", "--time", "0", "cmd")
            #expect(try await backend.checkHealth("cmd", id: id) == nil, "it does not run")
        }
    }

    @Test func aMissingHostPathIsNamed() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            let path = host.directory + "/data"
            var desired = try sampleContainer(addresses: [])
            desired.networks = []
            desired.mounts = [.init(source: .hostPath(path), mountPath: "/data", isReadOnly: false)]
            #expect(
                await reason { try await backend.apply(.createContainer(desired)) } == .hostPathMissing(path))
            // It was there when the container was created, and is gone when it is started.
            try await host.shell("mkdir \(path)")
            try await backend.apply(.createContainer(desired))
            let id = try #require(try await backend.container("pod-a")).id
            try await host.podman("stop", "--time", "0", "pod-a")
            try await host.shell("rmdir \(path)")
            do {
                try await backend.apply(.startContainer(desired, id: id))
                Issue.record("it cannot be started")
            } catch {
                #expect("\(error)".hasPrefix("container/pod-a: the host path \(path) does not exist; create it"))
            }
        }
    }
}
