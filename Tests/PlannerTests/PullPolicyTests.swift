import HostState
import Planner
import Resources
import Testing

@Suite struct PullPolicyTests {
    @Test(
        arguments: [
            ("alpine", .always), ("alpine:latest", .always), ("alpine:3.20", .ifNotPresent),
            ("registry:5000/alpine", .always), ("registry:5000/alpine:1", .ifNotPresent),
            ("alpine@sha256:0123", .ifNotPresent),
        ] as [(String, DesiredContainer.PullPolicy)])
    func defaultsAreKubernetes(image: String, policy: DesiredContainer.PullPolicy) throws {
        var example = try Example("two-hosts")
        example.edit("host-a") { $0.spec.containers[0].image = image }
        #expect(example.plan("host-a").podman.containers.first?.pullPolicy == policy)
        example.edit("host-a") { $0.spec.containers[0].imagePullPolicy = "Never" }
        #expect(example.plan("host-a").podman.containers.first?.pullPolicy == .never)
    }
}
