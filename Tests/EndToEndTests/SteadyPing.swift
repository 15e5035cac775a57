import Foundation
import Testing

/// A ping that goes on while something else is done, 20 packets a second, to prove that nothing is lost.
struct SteadyPing {
    private let running: Running

    /// From the host itself with iputils, whose interval can be below a second.
    init(_ laboratory: Laboratory, _ host: String, container: String, _ address: String, seconds: Int) async throws {
        // nsenter into the container's network namespace: its own busybox ping knows no fractions.
        let pid = try await laboratory.must(host, "podman", "inspect", "-f", "{{.State.Pid}}", container)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        running = try laboratory.start(
            host, ["nsenter", "-t", pid, "-n", "ping", "-i", "0.05", "-c", "\(seconds * 20)", "-W", "1", address])
    }

    /// How many packets were sent and answered.
    func result() async throws -> (sent: Int, received: Int) {
        let finished = try await running.finish(seconds: 120)
        let line = try #require(finished.lines.first { $0.contains("packets transmitted") }, "\(finished)")
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count >= 2, "\(line)")
        return (numbers[0], numbers[1])
    }

    /// Requires that every packet was answered.
    func expectNoLoss() async throws {
        let (sent, received) = try await result()
        #expect(sent > 0 && received == sent, "\(sent - received) of \(sent) packets lost")
    }
}
