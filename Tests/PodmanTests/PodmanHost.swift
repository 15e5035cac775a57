import Foundation
import HostState
import NetAddress
import Podman
import Synchronization
import TestSupport
import Testing
import UnixHTTP

/// A host for one test: its own network, mount and process namespaces with a bridge, its anchor and a real Podman.
///
/// Ending the first process ends everything in the process namespace; mounts and interfaces go with it.
final class PodmanHost: Sendable {
    private static let counter = Mutex(0)
    static let image = "localhost/wgctl-test:1"

    let directory: String
    private let first: Int32
    /// Podman's own process.
    let service: Int32

    var socket: String { directory + "/podman.sock" }

    /// The ids of what a test made by hand.
    let foreign = Mutex<Set<String>>([])

    /// - Parameter secret: where the secret for seals is; nil: nothing is sealed.
    func backend(pullBackOff: Duration = .seconds(10), secret: String? = nil) throws -> PodmanClient {
        PodmanClient(
            socketPath: socket, node: "host-a", seal: try secret.map { try HostSeal(directory: $0) },
            pullBackOff: pullBackOff
        ) { id in !self.foreign.withLock { $0.contains(id) } }
    }

    /// Runs `body` on a fresh host and takes it down again.
    static func with(_ body: (PodmanHost) async throws -> Void) async throws {
        let host = try await PodmanHost()
        do { try await body(host) } catch {
            let log = (try? String(contentsOfFile: host.directory + "/log", encoding: .utf8)) ?? ""
            print("Podman's log:\n\(log.suffix(4000))")
            await host.stop()
            throw error
        }
        await host.stop()
    }

    private init() async throws {
        let number = Self.counter.withLock { count in
            count += 1
            return count
        }
        directory = "/tmp/wgctl-podman-\(getpid())-\(number)"
        for name in ["root", "run", "tmp", "net"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        try Self.configuration.write(toFile: directory + "/containers.conf", atomically: true, encoding: .utf8)
        try Self.registries.write(toFile: directory + "/registries.conf", atomically: true, encoding: .utf8)
        try Self.script(directory).write(toFile: directory + "/start", atomically: true, encoding: .utf8)
        first = try Self.spawn(directory)
        service = try await Self.servicePID(under: first)
        try await shell(
            """
            ip link set lo up
            ip link add br-test type bridge
            ip link set br-test address 02:00:00:00:ff:01 up
            ip link add anchor0 type veth peer name anchor1
            ip link set anchor0 master br-test up
            ip link set anchor1 up
            """)
        try await importImage()
    }

    /// Runs a script in the host's namespaces.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        try await command(["sh", "-ec", script])
    }

    /// Podman's command line, as an operator would use it by hand.
    @discardableResult
    func podman(_ arguments: String...) async throws -> String {
        try await command(["podman"] + options + arguments)
    }

    /// Without the white space around what it prints.
    @discardableResult
    private func command(_ arguments: [String]) async throws -> String {
        try await onThread { [service, directory] in
            try run(
                ["nsenter", "-t", "\(service)", "-m", "-n", "-p"] + arguments,
                environment: Self.environment(directory)
            ).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private var options: [String] {
        [
            "--root", directory + "/root", "--runroot", directory + "/run", "--tmpdir", directory + "/tmp",
            "--network-config-dir", directory + "/net",
        ]
    }

    private func stop() async {
        kill(service, SIGCONT)
        _ = try? await podman("rm", "--all", "--force", "--time", "0")
        kill(first, SIGKILL)
        var status: Int32 = 0
        waitpid(first, &status, 0)
        // The namespaces' mounts end a moment after their last process.
        for _ in 0..<100 {
            try? FileManager.default.removeItem(atPath: directory)
            guard FileManager.default.fileExists(atPath: directory) else { return }
            try? await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(directory) cannot be removed")
    }

    private func importImage() async throws {
        let script = """
            mkdir -p \(directory)/image/bin \(directory)/image/etc \(directory)/image/proc
            cp /bin/busybox \(directory)/image/bin/
            for name in sh sleep ip cat env id nc hostname ls test true false; do ln -s busybox \(directory)/image/bin/$name; done
            tar -C \(directory)/image -cf \(directory)/image.tar .
            """
        try await onThread { _ = try run("sh", "-ec", script) }
        try await podman("import", "--change", "CMD=[\"sleep\",\"1000\"]", directory + "/image.tar", Self.image)
    }

    private static let configuration = """
        [containers]
        default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
        [engine]
        lock_type = "file"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        [network]
        network_backend = "netavark"
        """

    private static let registries = """
        [[registry]]
        location = "127.0.0.1:5000"
        insecure = true
        """

    private static func environment(_ directory: String) -> [String: String] {
        [
            "CONTAINERS_CONF": directory + "/containers.conf",
            "CONTAINERS_REGISTRIES_CONF": directory + "/registries.conf",
        ]
    }

    /// The shell stays as the first process of its namespace, to reap what Podman leaves behind.
    private static func script(_ directory: String) -> String {
        """
        for directory in /run/netns /run/containers; do mkdir -p $directory; mount -t tmpfs none $directory; done
        if [ -d /sys/fs/cgroup/memory ] && ! mountpoint -q /sys/fs/cgroup/hugetlb; then
            mkdir -p /sys/fs/cgroup/hugetlb
            mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb
        fi
        podman --root \(directory)/root --runroot \(directory)/run --tmpdir \(directory)/tmp \\
            --network-config-dir \(directory)/net system service --time=0 unix://\(directory)/podman.sock &
        wait
        """
    }

    private static func spawn(_ directory: String) throws -> Int32 {
        try startProgram(
            "/usr/bin/unshare",
            [
                "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e",
                directory + "/start",
            ], output: directory + "/log", errors: directory + "/log", environment: environment(directory))
    }

    private static func servicePID(under first: Int32) async throws -> Int32 {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            for child in children(of: first) {
                for grandchild in children(of: child) where name(of: grandchild) == "podman" { return grandchild }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestFailure("Podman did not start")
    }

    private static func children(of process: Int32) -> [Int32] {
        let text = (try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    private static func name(of process: Int32) -> String {
        ((try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
