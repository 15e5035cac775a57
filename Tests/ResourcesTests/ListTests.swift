import Manifest
import NetAddress
import Resources
import Testing

/// `kind: List`, as `wgctl get -o yaml` and kubectl print several objects.
@Suite struct ListTests {
    private func accept(_ text: String) throws -> AcceptedSet {
        var acceptor = try Acceptor()
        return acceptor.accept([file("all.yaml", text)], lastGood: [])
    }

    private func list(_ items: String...) -> String {
        let indented = items.map { item in
            let lines = item.split(separator: "\n")
            return "- " + lines.joined(separator: "\n  ") + "\n"
        }
        return "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n" + indented.joined()
    }

    @Test func itemsAreDocuments() throws {
        let text = list(overlay("net"), node("a", "{name: net, addresses: [10.0.0.1]}"))
        let set = try accept(text + "---\n" + node("b", "{name: net, addresses: [10.0.0.2]}"))
        #expect(set.findings == [])
        #expect(set.live.nodes.map(\.metadata.name) == ["a", "b"] && set.live.overlays.count == 1)
        #expect(set.acceptances.map(\.location.line) == [10, 16, 5])
    }

    /// Each mistake at its own place, by the path in its own item.
    @Test func mistakesHaveTheirPlaces() throws {
        let set = try accept(list(overlay("net"), node("a", "{name: net, addresses: [10.0.0.1], x: 1}")))
        #expect(
            set.findings.map { "\($0.resource?.description ?? "") \($0.error.position) \($0.error.path)" }
                == ["Node/a 14:51 spec.overlays[0].x"])
        #expect(set.acceptance(.overlay, "net")?.status == .true)
    }

    @Test func anAliasInAnItemRefusesThatItem() throws {
        let set = try accept(
            list(
                overlay("net"),
                "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: a}\nspec:\n  endpoint: &e h\n"
                    + "  overlays: [{name: net, addresses: [10.0.0.1], endpoint: *e}]"))
        #expect(set.live.overlays.count == 1 && set.live.nodes.isEmpty)
        #expect(
            set.findings.map { "\($0.resource?.description ?? ""): \($0.error.path)" }
                == ["Node/a: spec.overlays[0].endpoint"])
    }

    /// Mistakes beyond the limit are not recorded, so that no item is known to be without one.
    @Test func beyondTheLimitOfMistakesTheWholeListIsRefused() throws {
        let broken = (0..<Document.errorLimit + 5).map { number in
            "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: n\(number)}\nspec:\n  endpoint: &e\(number) h\n"
                + "  overlays: [{name: net, addresses: [10.0.0.\(number + 1)], endpoint: *e\(number)}]"
        }
        let items = ([overlay("net")] + broken).map { item in
            "- " + item.split(separator: "\n").joined(separator: "\n  ") + "\n"
        }
        let set = try accept("apiVersion: v1\nkind: List\nitems:\n" + items.joined())
        #expect(set.live.nodes.isEmpty && set.live.overlays.isEmpty)
        #expect(!set.findings.isEmpty || !set.fileErrors.isEmpty)
    }

    @Test func aListHasNoMoreItemsThanAFileHasDocuments() throws {
        let items = String(repeating: "- x\n", count: Document.fileLimit + 1)
        let set = try accept("apiVersion: v1\nkind: List\nitems:\n" + items)
        #expect(set.fileErrors.count == 1)
        #expect(set.fileErrors.first?.message.contains("more than 4096 documents") == true, "\(set.fileErrors)")
    }

    /// What wgctl shows and no manifest holds: said once for each kind, and no mistake.
    @Test func derivedKindsAreLeftOut() throws {
        let peer = "apiVersion: wgctl.dev/v1alpha1\nkind: Peer\nnode: b\n"
        let container = "apiVersion: wgctl.dev/v1alpha1\nkind: Container\nname: pod-a\n"
        let set = try accept(list(overlay("net"), peer, container, peer))
        #expect(set.live.overlays.count == 1 && set.fileErrors == [])
        #expect(set.findings.map(\.isWarning) == [true, true])
        #expect(set.findings.map(\.error.line) == [11, 14])
        // By itself it is what an author wrote.
        let alone = try accept(container)
        #expect(alone.findings.map(\.isWarning) == [false])
        #expect(alone.findings.first?.error.remedy == "containers stand in spec.containers of a Node")
    }

    /// A list that became another one is judged as its items are.
    @Test func anEditedListIsAsIfItWereNew() throws {
        let before = list(overlay("net"), node("a", "{name: net, addresses: [10.0.0.1]}"))
        let after = list(overlay("net"), node("a", "{name: net, addresses: [10.0.0.7]}"))
        var acceptor = try Acceptor()
        let first = acceptor.accept([file("all.yaml", before)], lastGood: [])
        let second = acceptor.accept([file("all.yaml", after)], lastGood: first.lastGood)
        #expect(acceptor.dirtyNodes == ["a"])
        #expect(second.live.nodes.first?.spec.overlays.first?.addresses.map(\.description) == ["10.0.0.7"])
    }
}
