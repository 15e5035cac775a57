import Glibc
import HostState
import Podman
import PodmanState
import Synchronization
import TestSupport
import Testing
import UnixHTTP

@Suite(.serialized) struct DriftTests {
    @Test func changesByHandAreSeen() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            try await backend.apply(.createContainer(try sampleContainer()))
            try await collecting(backend.drift()) { hints in
                try await waitUntil("the stream stands") { hints().contains("following Podman's events") }
                try await host.podman("stop", "--time", "0", "pod-a")
                try await waitUntil("podman stop") { hints().contains("container pod-a died") }
                try await host.podman("rm", "--force", "--time", "0", "pod-a")
                try await waitUntil("podman rm") { hints().contains("container pod-a remove") }
                try await host.podman("network", "rm", "--force", "overlay_net")
                try await waitUntil("podman network rm") { hints().contains("network overlay_net was removed") }
            }
        }
    }

    @Test func aHungPodmanRunsIntoTheDeadlineAndRecovers() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            #expect(kill(host.service, SIGSTOP) == 0)
            let began = ContinuousClock.now
            do {
                _ = try await backend.observe(images: [])
                Issue.record("a stopped process cannot answer")
            } catch let error as PodmanError {
                #expect(error.isTimeout)
                #expect("\(error)".contains("no answer within 10 s"))
            }
            #expect(ContinuousClock.now - began < .seconds(20))
            #expect(kill(host.service, SIGCONT) == 0)
            #expect(try await backend.observe(images: []).networks["podman"] != nil)
        }
    }

    @Test func aMissingPodmanIsNamed() async throws {
        let backend = PodmanClient(socketPath: "/tmp/wgctl-absent-\(getpid()).sock", node: "host-a")
        do {
            _ = try await backend.observe(images: [])
            Issue.record("nobody answers")
        } catch let error as PodmanError {
            #expect("\(error)".contains("there is no such socket"))
        }
    }
}

/// Collects the texts of hints while `body` runs.
func collecting(
    _ stream: AsyncStream<PodmanHint>, _ body: (_ hints: () -> [String]) async throws -> Void
) async throws {
    let texts = Texts()
    let reader = Task { for await hint in stream { texts.append(hint.text) } }
    defer { reader.cancel() }
    try await body { texts.all }
}

private final class Texts: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func append(_ text: String) { texts.withLock { $0.append(text) } }
}
