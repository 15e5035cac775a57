import Foundation
import HostState
import NetAddress
import Podman
import PodmanState
import Testing

/// Fault 54: labels can be copied to another container, the seal cannot.
@Suite(.serialized) struct SealTests {
    @Test func aSealFitsOneContainerOfOneHostAlone() async throws {
        try await PodmanHost.with { host in
            let keys = host.directory + "/keys"
            let backend = try host.backend(secret: keys)
            try await backend.apply(.createNetwork(try sampleNetwork()), nonce: "n0")
            #expect(try await backend.observe(images: []).networks["overlay_net"]?.sealNonce == "n0")
            let desired = try sampleContainer()
            try await backend.apply(.createContainer(desired), nonce: "n1")
            let original = try #require(try await backend.container("pod-a"))
            #expect(original.sealNonce == "n1")
            #expect(original.labels[OwnershipMark.specHashLabel] == desired.specHash)
            // After a restart the secret is the same, elsewhere another one.
            #expect(try await host.backend(secret: keys).container("pod-a")?.sealNonce == "n1")
            #expect(try await host.backend(secret: host.directory + "/other").container("pod-a")?.sealNonce == nil)

            try await host.podman("commit", "--quiet", "pod-a", "localhost/copy:1")
            try await host.podman("rm", "--force", "--time", "0", "pod-a")
            for name in ["pod-a", "pod-b"] {
                try await host.podman("run", "--detach", "--name", name, "--network", "none", "localhost/copy:1")
                let copy = try #require(try await backend.container(name))
                #expect(copy.labels[OwnershipMark.sealLabel] == original.labels[OwnershipMark.sealLabel], "copied")
                #expect(copy.sealNonce == nil, "\(name) is not what was sealed")
            }
        }
    }

    @Test func theSecretIsRootsAndIsNeverMadeAgainSilently() throws {
        let directory = "/tmp/wgctl-seal-\(getpid())/keys"
        defer { try? FileManager.default.removeItem(atPath: "/tmp/wgctl-seal-\(getpid())") }
        try FileManager.default.createDirectory(
            atPath: "/tmp/wgctl-seal-\(getpid())", withIntermediateDirectories: true)
        _ = try HostSeal(directory: directory)
        let path = directory + "/seal.key"
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_size == 32)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["seal.key"])
        let secret = try Data(contentsOf: URL(fileURLWithPath: path))
        _ = try HostSeal(directory: directory)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == secret)
        chmod(path, 0o644)
        #expect(throws: HostSeal.Failure.self) { try HostSeal(directory: directory) }
        chmod(path, 0o600)
        try secret.dropLast().write(to: URL(fileURLWithPath: path))
        #expect(throws: HostSeal.Failure.self) { try HostSeal(directory: directory) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == secret.dropLast())
    }
}
