import HostState
import Planner
import Resources
import Testing

@Suite struct PortTests {
    /// As the schema says of `hostPort`.
    @Test func aPortWithoutAHostPortIsPublishedUnderItsOwnNumber() throws {
        var example = try Example("every-field")
        example.edit("alpha") { node in
            for index in node.spec.containers.indices {
                for port in node.spec.containers[index].ports.indices {
                    node.spec.containers[index].ports[port].hostPort = nil
                }
            }
        }
        let ports = example.plan("alpha").podman.containers.flatMap(\.ports)
        #expect(ports.map(\.hostPort) == [80])
        #expect(ports.map(\.containerPort) == [80])
    }
}
