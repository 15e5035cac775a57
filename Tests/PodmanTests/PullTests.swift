import HostState
import Podman
import PodmanState
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct PullTests {
    @Test func anImageIsPulledInTheBackground() async throws {
        try await PodmanHost.with { host in
            try await host.serveRegistry()
            let backend = try host.backend()
            var desired = try sampleContainer()
            desired.image = "127.0.0.1:5000/tiny:v.json"
            let before = try await backend.observe(images: [desired.image, PodmanHost.image])
            #expect(Set(before.images.keys) == [PodmanHost.image])

            let phases = Phases()
            let progress = backend.pullProgress()
            let reader = Task { for await step in progress { phases.append(step.phase) } }
            defer { reader.cancel() }
            try await backend.apply(.pullImage(desired))
            try await waitUntil("the image is there") {
                try await backend.observe(images: [desired.image]).images[desired.image] != nil
            }
            try await waitUntil("the pull ended") { try await backend.observe(images: []).pulling.isEmpty }
            let id = try #require(try await backend.observe(images: [desired.image]).images[desired.image])
            try await waitUntil("its end was told") { phases.all.last == .done(id: id) }
            #expect(phases.all == [.started, .layer(1), .done(id: id)])
            #expect(await backend.freshImages() == [desired.image])
            #expect(await backend.pullErrors().isEmpty)
        }
    }

    @Test func aFailedPullBacksOff() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend(pullBackOff: .seconds(600))
            var desired = try sampleContainer()
            desired.image = "127.0.0.1:5000/absent:1"
            try await backend.apply(.pullImage(desired))
            try await waitUntil("the failure is known") { await backend.pullErrors()[desired.image] != nil }
            #expect(await backend.pullErrors()[desired.image]?.contains("connection refused") == true)
            #expect(try await backend.observe(images: []).pulling.isEmpty)
            let due = try #require(await backend.restingImages()[desired.image])
            #expect(due > .now + .seconds(60))
            let writes = backend.writes
            try await backend.apply(.pullImage(desired))
            #expect(try await backend.observe(images: []).pulling.isEmpty)
            #expect(backend.writes == writes)
        }
    }
}

extension PodmanHost {
    /// Serves the test image as `127.0.0.1:5000/tiny:v.json` from files: the registry protocol's reads are plain GETs,
    /// and the tag's suffix gives the manifest its media type.
    func serveRegistry() async throws {
        try await podman("push", "--format", "oci", Self.image, "dir:" + directory + "/pushed")
        try await shell(
            """
            cd \(directory)
            mkdir -p www/v2/tiny/manifests www/v2/tiny/blobs
            echo '{}' >www/v2/index.html
            for file in pushed/*; do
                name=$(basename $file)
                case $name in
                manifest.json) cp $file www/v2/tiny/manifests/v.json ;;
                version) ;;
                *) cp $file www/v2/tiny/blobs/sha256:$name ;;
                esac
            done
            echo '.json:application/vnd.oci.image.manifest.v1+json' >httpd.conf
            busybox httpd -p 127.0.0.1:5000 -h www -c $PWD/httpd.conf
            """)
    }
}

private final class Phases: Sendable {
    private let phases = Mutex<[PullProgress.Phase]>([])

    var all: [PullProgress.Phase] { phases.withLock { $0 } }

    func append(_ phase: PullProgress.Phase) { phases.withLock { $0.append(phase) } }
}
