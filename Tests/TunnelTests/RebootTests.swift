import TestSupport
import Testing

/// What is on the disk is all that a host has after its power came back.
@Suite(.serialized) struct RebootTests {
    @Test(arguments: WireGuardImplementation.preferred)
    func theLastGoodStateComesBackWithoutManifestsAndNames(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let far = fleet.hosts[1]
            try fleet.save("\(far.node).yaml", fleet.manifest(of: far, endpoint: "far.example.test"))
            try shell("echo 198.18.2.2 far.example.test >\(fleet.hosts[0].directory)/hosts")
            try await fleet.start()
            _ = try await fleet.hosts[0].settled()
            let before = try await fleet.hosts[0].standing()

            try await fleet.hosts[0].kill()
            try shell("mv \(fleet.directory)/manifests \(fleet.directory)/gone; : >\(fleet.hosts[0].directory)/hosts")
            try fleet.reboot(0)
            let near = fleet.hosts[0]
            #expect((try? await near.host.run("ip link show wg0")) == nil)
            try await near.start()
            try await near.reaches(far)
            try await waitUntil("the rest stands again too") { (try? await near.standing()) == before }
            #expect(try await near.host.run("wg show wg0 endpoints").contains("\t198.18.2.2:51820\n"))
            try await waitUntil("the loss of the manifests is told") {
                (try? await near.wgctl("events").contains("SourceUnavailable")) ?? false
            }
        }
    }
}
