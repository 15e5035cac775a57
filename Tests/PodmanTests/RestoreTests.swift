import Foundation
import HostState
import NetAddress
import Podman
import PodmanState
import TestSupport
import Testing

/// Fault 53: a container that runs without its network, or under another name, gets it back.
@Suite(.serialized) struct RestoreTests {
    @Test func theNetworkComesBackWithoutANewProcess() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            let desired = try sampleContainer()
            try await backend.apply(.createContainer(desired))
            let before = try #require(try await backend.container("pod-a"))
            #expect(before.liveAddresses == before.addresses && before.addresses.count == 2)
            let process = try await host.podman("inspect", "--format", "{{.State.Pid}}", "pod-a")

            try await host.podman("network", "disconnect", "overlay_net", "pod-a")
            let cut = try #require(try await backend.container("pod-a"))
            #expect(cut.state == .running && cut.liveAddresses == [])
            #expect(cut.addresses == before.addresses, "what it was promised stays known")

            let fault = ContainerFault.withoutAddresses(before.addresses.sorted())
            try await backend.apply(.restoreContainer(desired, id: before.id, faults: [fault]))
            #expect(try await backend.container("pod-a")?.liveAddresses == before.addresses)
            #expect(try await host.podman("inspect", "--format", "{{.State.Pid}}", "pod-a") == process)
            let seen = try await host.podman("exec", "pod-a", "ip", "address", "show", "dev", "eth0")
            #expect(seen.contains("10.0.0.10/24") && seen.contains("\(MACAddress(derivedFrom: "pod-a"))"))

            try await host.podman("rename", "pod-a", "other")
            let renamed = try #require(try await backend.container("other"))
            try await backend.apply(.restoreContainer(desired, id: renamed.id, faults: [.renamed("other")]))
            #expect(try await backend.container("pod-a")?.id == before.id)
        }
    }

    /// What two starts that run into each other leave: a process in a namespace that Podman does not know.
    @Test func aContainerWhoseNamespaceIsLostIsStartedAgain() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            let desired = try sampleContainer()
            try await backend.apply(.createContainer(desired))
            let id = try #require(try await backend.container("pod-a")).id
            let rival = Task {
                while !Task.isCancelled { try? await backend.apply(.startContainer(desired, id: id)) }
            }
            defer { rival.cancel() }
            try await waitUntil("two starts have run into each other", seconds: 60) {
                _ = try? await host.podman("restart", "--time", "0", "pod-a")
                let now = try await backend.container("pod-a")
                return now?.state == .running && now?.liveAddresses?.isEmpty == true
            }
            rival.cancel()
            await rival.value
            guard let cut = try await backend.container("pod-a"), cut.liveAddresses?.isEmpty == true else { return }
            try await backend.apply(
                .restoreContainer(desired, id: id, faults: [.withoutAddresses(cut.addresses.sorted())]))
            let now = try #require(try await backend.container("pod-a"))
            #expect(now.id == id && now.liveAddresses == now.addresses)
            #expect(try await host.podman("exec", "pod-a", "ip", "address").contains("10.0.0.10/24"))
        }
    }

    /// What ended between the list and the restore is its restart policy's: a finished job must not run twice.
    @Test func aContainerThatHasEndedMeanwhileIsNotStarted() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            var desired = try sampleContainer()
            desired.restartPolicy = .never
            try await backend.apply(.createContainer(desired))
            let before = try #require(try await backend.container("pod-a"))
            try await host.podman("stop", "--time", "0", "pod-a")
            let fault = ContainerFault.withoutAddresses(before.addresses.sorted())
            try await backend.apply(.restoreContainer(desired, id: before.id, faults: [fault]))
            let after = try #require(try await backend.container("pod-a"))
            #expect(after.state == .exited && after.startedAt == before.startedAt)
        }
    }

    /// A daemon that dies in the middle loses no container whose restart policy is Never.
    @Test func aRestoreThatIsCutShortIsBroughtToItsEnd() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork()))
            var desired = try sampleContainer()
            desired.restartPolicy = .never
            desired.stopTimeout = 3
            try await backend.apply(.createContainer(desired))
            let id = try #require(try await backend.container("pod-a")).id
            func process() async throws -> String {
                try await host.podman("inspect", "--format", "{{.State.Pid}} {{.State.Status}}", "pod-a")
            }
            let before = try await process()
            // It cannot be connected to a network that is not there, so it is restarted.
            var lacking = desired
            lacking.networks.append(
                .init(
                    network: "no_net", bridge: "br-none", addresses: [try address("10.1.0.10")],
                    macAddress: MACAddress(derivedFrom: "other")))
            let restore = Task { [lacking] in
                try await backend.apply(.restoreContainer(lacking, id: id, faults: [.withoutAddresses([])]))
            }
            // `sleep` as the first process of a container ignores SIGTERM.
            try await Task.sleep(for: .seconds(1))
            restore.cancel()
            _ = await restore.result
            try await waitUntil("it runs again") {
                let now = try await process()
                return now != before && now.contains("running")
            }
        }
    }
}
