import Foundation
import Testing

/// What tests ask of a host, and wait for.
extension Laboratory {
    /// What a shell on a host prints; it must succeed.
    @discardableResult
    func shell(_ host: String, _ script: String, seconds: Double = 60) async throws -> String {
        try await must(host, "sh", "-euc", script, seconds: seconds)
    }

    /// The daemon's process id on its host.
    func daemon(_ host: String) async throws -> String {
        try await must(host, "cat", "/var/lib/wgctl/wgd.lock").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The host's pid 1 starts wgd when it does not run.
    func startDaemon(_ host: String) async throws { try await must(host, "kill", "-USR1", "1") }

    /// Waits until the host's own node and its peers are ready.
    func ready(_ host: String, seconds: Double = 60) async throws {
        try await eventually(host, ["sh", "-c", "wgctl get nodes 2>&1"], seconds: seconds) { text in
            let rows = text.split(separator: "\n").map { $0.split(separator: " ") }
            return rows.count > 1 && rows.first?.first == "NAME" && !text.contains("last recorded state")
                && rows.dropFirst().allSatisfy { $0.count > 1 && $0[1] == "True" }
        }
    }

    /// Waits until two looks at the counters of writes agree: nothing is left to be done.
    func settled(_ host: String) async throws {
        try await ready(host)
        var last = try await allWrites(host)
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(400))
            let now = try await allWrites(host)
            if now == last { return }
            last = now
        }
        Issue.record("\(host) keeps writing: \(last)")
    }

    /// The writes that `wgctl status` counts on a host, by what was written to.
    func allWrites(_ host: String) async throws -> [String: Int] {
        let counters = try await counters(host)
        return try #require(counters["writes"] as? [String: Int], "no writes in \(counters)")
    }

    func reconciles(_ host: String) async throws -> Int {
        try #require(try await counters(host)["reconciles"] as? Int)
    }

    private func counters(_ host: String) async throws -> [String: Any] {
        let text = try await must(host, "wgctl", "status", "-o", "json")
        let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(report?["counters"] as? [String: Any], "no counters in \(text)")
    }

    /// What must not be made anew: the container and when it started.
    func identity(_ host: String, container: String) async throws -> String {
        try await must(host, "podman", "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)
    }

    /// The kernel's number of an interface: another one means that it was made anew.
    func index(_ host: String, _ interface: String) async throws -> String {
        // Not from /sys: that one shows the machine's interfaces.
        let line = try await must(host, "ip", "-o", "link", "show", interface)
        return try #require(line.split(separator: ":").first).description
    }

    /// Starts what outlives the call. Foundation takes a process for running while a descendant holds its descriptors,
    /// so they are closed.
    func background(_ host: String, _ command: String) async throws {
        try await must(
            host, "bash", "-c",
            """
            ( for file in /proc/self/fd/*; do [ ${file##*/} -gt 2 ] && eval "exec ${file##*/}>&-"; done
              exec sh -c "$1" ) < /dev/null > /run/background.log 2>&1 &
            """, "bash", command)
    }
}
