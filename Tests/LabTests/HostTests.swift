internal import Foundation
import NetAddress
import TestSupport
import Testing

@testable import Lab

/// Real hosts, without daemons: namespaces, routing, Podman, and what is left of it all afterwards.
@Suite(.serialized) struct HostTests {
    @Test func `hosts reach each other over any mix of addresses, each a machine of its own`() async throws {
        try await withLab { lab in
            try await lab.start(nodes: UnderlayTests.mixed)
            let statuses = try lab.lab.hosts()
            #expect(statuses.map(\.name) == ["a", "b", "roamer", "west"])
            for (host, target) in [
                ("a", "10.77.0.20"), ("a", "10.78.0.20"), ("b", "192.168.1.10"), ("a", "west.example.net"),
                ("a", "2001:db8:5::1"), ("west", "10.77.0.20"), ("roamer", "192.168.1.10"), ("roamer", "2001:db8:5::1"),
            ] {
                #expect(throws: Never.self, "\(host) to \(target)") {
                    try lab.run(["ping", "-c", "1", "-W", "2", target], on: host)
                }
            }
            // Nobody reaches the one behind NAT.
            let inner = try #require(statuses.first { $0.name == "roamer" }?.addresses.first)
            #expect(throws: (any Error).self) { try lab.run(["ping", "-c", "1", "-W", "1", inner], on: "a") }
            #expect(try lab.run(["hostname"], on: "b") == "b\n")
            #expect(try lab.run(["cat", "/proc/1/comm"], on: "b") == "wgctl\n")
            #expect(try lab.run(["ls", "/run/podman"], on: "b") == "podman.sock\n")
            #expect(try lab.run(["wgctl", "--help"], on: "b").contains("SUBCOMMANDS"))
            // The same key inside and in the map that the daemons get.
            let keys = try JSONDecoder().decode(
                [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: "\(lab.folder)/peer-keys.json")))
            let key = try lab.run(["sh", "-c", "wg pubkey </var/lib/wgctl/keys/node.key"], on: "b")
            #expect(keys["b"].map { $0 + "\n" } == key)
            #expect(
                try lab.run(["stat", "-c", "%a", "/var/lib/wgctl/keys", "/var/lib/wgctl/keys/node.key"], on: "b")
                    == "700\n600\n")
        }
    }

    /// Where a checkout below /run has it: hosts have a /run of their own.
    @Test func `a wgctl below run is there on each host`() async throws {
        let directory = "/run/wgctl lab \(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(atPath: BuildProducts.wgctl, toPath: directory + "/wgctl")
        try await withLab { lab in
            try await lab.start(nodes: [LabNode(name: "a", endpoints: [])], executable: directory + "/wgctl")
            #expect(try lab.run(["wgctl", "--help"], on: "a").contains("SUBCOMMANDS"))
            #expect(try lab.run(["wgd", "--help"], on: "a").contains("wgd"))
        }
    }

    @Test func `a container runs, and down leaves nothing of it`() async throws {
        try await withLab { lab in
            let image = try lab.makeImage()
            try await lab.start(
                nodes: [LabNode(name: "a", endpoints: [])], images: [LabImage(parsing: "localhost/tiny:1=\(image)")])
            let id = try lab.run(
                ["podman", "run", "--detach", "--name", "c", "localhost/tiny:1", "sleep", "1000"], on: "a"
            )
            .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try lab.run(["podman", "exec", "c", "echo", "inside"], on: "a") == "inside\n")
            #expect(!lab.cgroups(of: id).isEmpty)
            let pid = try #require(try lab.lab.hosts().first?.pid)
            try await lab.lab.down()
            #expect(lab.cgroups(of: id).isEmpty)
            #expect(LabProcesses.identity(ofProcess: pid) == nil)
            #expect(!FileManager.default.fileExists(atPath: lab.folder))
            #expect(try !String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).contains(lab.folder))
        }
    }

    @Test func `two labs of the same nodes are up at once, and one down leaves the other alone`() async throws {
        let nodes = [LabNode(name: "a", endpoints: [.address(UnderlayTests.v4(192, 168, 1, 10))])]
        try await withLab { first in
            try await withLab { second in
                try await first.start(nodes: nodes)
                try await second.start(nodes: nodes)
                try await first.lab.down()
                #expect(try second.run(["hostname"], on: "a") == "a\n")
                #expect(throws: LabError.noSuchLab(first.lab.name, running: [])) { try first.lab.hosts() }
            }
        }
    }

    @Test func `a lab that is up is not started twice`() async throws {
        let nodes = [LabNode(name: "a", endpoints: [])]
        try await withLab { lab in
            try await lab.start(nodes: nodes)
            await #expect(throws: LabError.alreadyUp(lab: lab.lab.name)) { try await lab.start(nodes: nodes) }
            // A host that died makes the lab stale: the next start clears it.
            let pid = try #require(try lab.lab.hosts().first?.pid)
            kill(pid, SIGKILL)
            try await waitUntil("the host is gone", seconds: 20) { try lab.lab.hosts().first?.pid == nil }
            try await lab.start(nodes: nodes)
            #expect(try lab.run(["hostname"], on: "a") == "a\n")
        }
    }

    @Test func `a start that was killed half-way is cleared by the next one, and by down`() async throws {
        try await withLab { lab in
            let manifests = "\(lab.root)/manifests"
            try lab.writeManifests(to: manifests)
            for delay in [20, 60, 120, 250, 400] {
                let pid = try startProgram(
                    [
                        "env", "WGCTL_LAB_DIR=\(lab.root)", BuildProducts.wgctl, "lab", "up", manifests, "--no-wgd",
                        "--name", lab.lab.name,
                    ], log: "\(lab.root)/up.log")
                try await waitUntil("the lab is recorded", seconds: 20) {
                    FileManager.default.fileExists(atPath: "\(lab.folder)/lab.json")
                }
                try await Task.sleep(for: .milliseconds(delay))
                kill(pid, SIGKILL)
                waitpid(pid, nil, 0)
                if delay == 120 { try await lab.lab.down() }
            }
            // No process of the killed ones is left when the new lab is up: each host has one pid 1.
            try? await lab.lab.down()
            try await lab.start(nodes: UnderlayTests.mixed)
            let pids = LabProcesses.pids(in: LabProcesses.namespaces(in: lab.lab.folder))
            let inits = pids.filter { readFile("/proc/\($0)/cmdline")?.contains("\0host-init\0") == true }
            #expect(inits.count == 2 * UnderlayTests.mixed.count)
            try await lab.lab.down()
            #expect(pids.allSatisfy { LabProcesses.identity(ofProcess: $0) == nil })
            #expect(try !String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).contains(lab.folder))
        }
    }

    @Test func `pid 1 starts the daemon again when it was killed, and reaps orphans`() async throws {
        try await withLab { lab in
            try await lab.start(nodes: [LabNode(name: "a", endpoints: [])], startsDaemon: true)
            try await waitUntil("the daemon runs", seconds: 20) { try lab.lab.hosts().first?.daemonPID != nil }
            let first = try #require(try lab.lab.hosts().first?.daemonPID)
            kill(first, SIGKILL)
            try await waitUntil("the daemon runs again", seconds: 20) {
                try lab.lab.hosts().first?.daemonPID.map { $0 != first } ?? false
            }
            #expect(readFile(try lab.lab.logFile(of: "a"))?.contains("wgd was killed by signal 9") == true)
            try lab.run(["sh", "-c", "sleep 0.1 & exit 0"], on: "a")
            try await waitUntil("it ends", seconds: 20) {
                try !lab.run(["ps", "-A", "-o", "comm="], on: "a").contains("sleep")
            }
        }
    }

    @Test func `a failing start names the reason and takes everything away`() async throws {
        try await withLab { lab in
            let broken = "\(lab.root)/broken.tar"
            try "not a tar".write(toFile: broken, atomically: true, encoding: .utf8)
            await #expect(throws: LabError.self) {
                try await lab.start(
                    nodes: [LabNode(name: "a", endpoints: [])], images: [LabImage(parsing: "x=\(broken)")])
            }
            #expect(!FileManager.default.fileExists(atPath: lab.folder))
            #expect(try !String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).contains(lab.folder))
        }
    }
}
