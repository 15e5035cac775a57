import Differ
import HostState
import Testing

/// Fault 46: without records nothing is removed at the first look, but what is replaced is.
@Suite struct SparingTests {
    private func link(_ name: String) -> ObservedLink {
        ObservedLink(index: 1, name: name, kind: "bridge", mtu: 1500, alias: "wgctl:net", isUp: true)
    }

    @Test func whatNothingReplacesIsHeld() {
        let replaced = DesiredContainer(name: "web", node: "a", image: "busybox")
        var changes = ChangeSet()
        changes.changes = [
            .podman(.removeContainer(name: "web", id: "1", timeout: 10)), .podman(.createContainer(replaced)),
            .podman(.removeContainer(name: "old", id: "2", timeout: 10)), .podman(.removeNetwork(name: "net")),
            .kernel(.deleteLink(link("br-old"))), .kernel(.deleteLink(link("br-new"))),
            .kernel(.createLink(DesiredLink(name: "br-new", kind: .bridge, alias: "wgctl:net"))),
        ]
        let spared = changes.sparingSurplus(because: "no records")
        #expect(spared.changes == [changes.changes[0], changes.changes[1], changes.changes[5], changes.changes[6]])
        #expect(
            spared.held
                == [changes.changes[2], changes.changes[3], changes.changes[4]]
                .map { HeldChange($0, reason: "no records") })
        #expect(spared.sparingSurplus(because: "no records") == spared)
    }
}
