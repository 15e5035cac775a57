import Foundation
import TestSupport
import Testing

/// A lab of real hosts that the tests drive through `wgctl lab`, as a user would.
struct Laboratory: Sendable {
    let name: String
    /// A copy of the manifests, to be edited at will.
    let manifests: URL

    @TaskLocal static var current: Laboratory?

    static let image = "docker.io/library/alpine:3.20"

    /// Runs a command on a host.
    func exec(_ host: String, _ command: [String], seconds: Double = 60) async throws -> Finished {
        try await Program.run(prefix(host) + command, seconds: seconds)
    }

    /// Starts a command on a host.
    func start(_ host: String, _ command: [String]) throws -> Running { try Running(prefix(host) + command) }

    private func prefix(_ host: String) -> [String] {
        [BuildProducts.wgctl, "lab", "exec", "--name", name, host, "--"]
    }

    /// Runs a command on a host, which must succeed.
    @discardableResult
    func must(_ host: String, _ command: String..., seconds: Double = 60) async throws -> String {
        let finished = try await exec(host, command, seconds: seconds)
        try #require(finished.isSuccess, "\(host): \(command.joined(separator: " ")): \(finished)")
        return finished.output
    }

    /// Waits until a command on a host succeeds and its output satisfies a condition.
    func eventually(
        _ host: String, _ command: [String], seconds: Double = 60, _ isSatisfied: (String) -> Bool = { _ in true }
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var last = "never ran"
        while ContinuousClock.now < deadline {
            let finished = try await exec(host, command)
            if finished.isSuccess, isSatisfied(finished.output) { return }
            last = "\(finished)"
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(host): \(command.joined(separator: " ")): not within \(seconds) s; last: \(last)")
        throw Program.TimedOut(description: "\(host): \(command.joined(separator: " "))")
    }

    func ping(_ host: String, container: String, _ address: String, count: Int = 3) async throws -> Finished {
        try await exec(host, ["podman", "exec", container, "ping", "-c", "\(count)", "-W", "2", address])
    }

    /// Waits until a container reaches an address.
    func reaches(_ host: String, container: String, _ address: String, seconds: Double = 60) async throws {
        try await eventually(
            host, ["podman", "exec", container, "ping", "-c", "1", "-W", "1", address], seconds: seconds)
    }

    // MARK: Manifests

    func read(_ file: String) throws -> String {
        try String(contentsOf: manifests.appendingPathComponent(file), encoding: .utf8)
    }

    /// Saves as editors do: a new file renamed into place.
    func save(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: manifests.appendingPathComponent(file), options: .atomic)
    }

    // MARK: The hosts' policy

    /// The file that every daemon of the lab looks at.
    var policy: URL {
        let root = ProcessInfo.processInfo.environment["WGCTL_LAB_DIR"] ?? "/var/lib/wgctl-lab"
        return URL(fileURLWithPath: root).appendingPathComponent("\(name)/policy.yaml")
    }

    static func policy(_ spec: String) -> String {
        "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\nspec: \(spec)\n"
    }

    func savePolicy(_ spec: String) throws {
        try Data(Laboratory.policy(spec).utf8).write(to: policy, options: .atomic)
    }

    /// The sum of the writes that `wgctl status` counts on a host, all but the database's.
    func writes(_ host: String) async throws -> Int {
        let text = try await must(host, "wgctl", "status", "-o", "json")
        let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let counters = report?["counters"] as? [String: Any]
        let writes = try #require(counters?["writes"] as? [String: Int], "no counters in \(text)")
        return writes.filter { $0.key != "database" }.values.reduce(0, +)
    }
}

/// Everything that drives real hosts, one lab at a time: several would slow each other beyond their deadlines.
@Suite(.serialized) enum EndToEnd {}

/// Brings a lab up for a whole suite, and takes it down after it, whatever happened.
struct LabTrait: SuiteTrait, TestScoping {
    let suite: String
    /// The manifests, from the root of the repository.
    let directory: String
    /// Seconds that containers get to end instead of ten: the `sleep` of the examples ignores SIGTERM.
    var grace: Int?
    var startsDaemons = true
    /// `spec` of the hosts' policy; nil: they have none.
    var policy: String?
    /// How late a host receives edits, by host: `["host-b": "2s"]`.
    var lag: [String: String] = [:]

    var isRecursive: Bool { false }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let name = "e2e-\(suite)"
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try? FileManager.default.removeItem(at: directory)
        try FileManager.default.copyItem(
            at: Repository.root.appendingPathComponent(self.directory), to: directory)
        defer { try? FileManager.default.removeItem(at: directory) }
        if let grace { try hasten(directory, grace: grace) }
        let image = FileManager.default.temporaryDirectory.appendingPathComponent("\(name).tar").path
        let built = try await Program.run([Repository.root.appendingPathComponent("scripts/busybox-image").path, image])
        try #require(built.isSuccess, "scripts/busybox-image: \(built)")
        defer { try? FileManager.default.removeItem(atPath: image) }

        var arguments = [
            BuildProducts.wgctl, "lab", "up", directory.path, "--name", name, "--image", "\(Laboratory.image)=\(image)",
        ]
        if !startsDaemons { arguments.append("--no-wgd") }
        for (host, time) in lag.sorted(by: { $0.key < $1.key }) { arguments += ["--lag", "\(host)=\(time)"] }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-policy.yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        if let policy {
            try Data(Laboratory.policy(policy).utf8).write(to: file)
            arguments += ["--policy", file.path]
        }
        let up = try await Program.run(arguments, seconds: 240)
        let laboratory = Laboratory(name: name, manifests: directory)
        do {
            try #require(up.isSuccess, "lab up: \(up)")
            try await Laboratory.$current.withValue(laboratory) { try await function() }
        } catch {
            _ = try? await Program.run([BuildProducts.wgctl, "lab", "down", "--name", name], seconds: 120)
            throw error
        }
        let down = try await Program.run([BuildProducts.wgctl, "lab", "down", "--name", name], seconds: 120)
        #expect(down.isSuccess, "lab down: \(down)")
        let left = try await Program.run(["ip", "netns", "list"])
        #expect(!left.output.contains(name), "lab down left namespaces: \(left.output)")
    }

    private func hasten(_ directory: URL, grace: Int) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let file = directory.appendingPathComponent(name)
            let text = try String(contentsOf: file, encoding: .utf8)
            let line = "      command: [sleep, infinity]\n"
            let changed = text.replacingOccurrences(
                of: line, with: line + "      terminationGracePeriodSeconds: \(grace)\n")
            try Data(changed.utf8).write(to: file)
        }
    }
}

extension Trait where Self == LabTrait {
    /// The example's manifests, one real host a Node.
    ///
    /// - Parameters:
    ///   - policy: `spec` of the hosts' policy; nil: they have none.
    ///   - lag: How late a host receives edits, by host: `["host-b": "2s"]`. What a test waits for comes as much later.
    static func lab(
        _ suite: String, of example: String, grace: Int? = nil, policy: String? = nil, lag: [String: String] = [:]
    ) -> LabTrait {
        LabTrait(suite: suite, directory: "manifests/\(example)", grace: grace, policy: policy, lag: lag)
    }

    /// The same, without a daemon on any host: the test starts them.
    static func labWithoutDaemons(_ suite: String, of example: String, grace: Int? = nil) -> LabTrait {
        LabTrait(suite: suite, directory: "manifests/\(example)", grace: grace, startsDaemons: false)
    }

    /// Manifests of the tests' own, from `Fixtures`, without a daemon on any host.
    static func labWithoutDaemons(_ suite: String, fixture: String) -> LabTrait {
        LabTrait(suite: suite, directory: "Tests/EndToEndTests/Fixtures/\(fixture)", startsDaemons: false)
    }

    /// Manifests of the tests' own, from `Fixtures`.
    static func lab(
        _ suite: String, fixture: String, grace: Int? = nil, lag: [String: String] = [:]
    ) -> LabTrait {
        LabTrait(suite: suite, directory: "Tests/EndToEndTests/Fixtures/\(fixture)", grace: grace, lag: lag)
    }
}

/// The lab of the suite that runs.
func lab() throws -> Laboratory { try #require(Laboratory.current, "this test runs inside a suite with a lab") }
