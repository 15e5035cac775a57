import Convergence
import HostState
import NetworkState
import PodmanState
import Testing

/// Fault 46: without records nothing is removed at the first look, but what is replaced is.
@Suite struct SparingTests {
    private func link(_ name: String) -> ObservedLink {
        ObservedLink(index: 1, name: name, kind: "bridge", mtu: 1500, alias: "wgctl:net", isUp: true)
    }

    @Test func whatNothingReplacesIsHeld() throws {
        let replaced = DesiredContainer(name: "web", node: "a", image: "busybox")
        try expect(
            [
                PodmanChange.removeContainer(name: "web", id: "1", timeout: 10), .createContainer(replaced),
                .removeContainer(name: "old", id: "2", timeout: 10), .removeNetwork(name: "net"),
            ], spared: [0, 1], waiting: [2, 3])
        try expect(
            [
                KernelChange.deleteLink(link("br-old")), .deleteLink(link("br-new")),
                .createLink(DesiredLink(name: "br-new", kind: .bridge, alias: "wgctl:net")),
            ], spared: [1, 2], waiting: [0])
    }

    private func expect<Change: HostChange>(_ all: [Change], spared: [Int], waiting: [Int]) throws {
        var changes = ChangeSet<Change>()
        changes.changes = all
        let result = changes.sparingSurplus(because: "no records")
        #expect(result.changes == spared.map { all[$0] })
        #expect(result.waiting == waiting.map { WaitingChange(all[$0], reason: "no records") })
        #expect(result.sparingSurplus(because: "no records") == result)
    }
}
