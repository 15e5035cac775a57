import HostState
import Testing

@Suite struct IdentitiesTests {
    @Test func aRenameKeepsTheFirstName() {
        var identities = Identities()
        identities.rename(["mesh": "net"], live: ["mesh"])
        #expect(identities.overlays == ["mesh": "net"])
        #expect(identities.original(ofOverlay: "mesh") == "net" && identities.overlay(madeAs: "net") == "mesh")
        identities.rename([:], live: ["mesh"])
        identities.rename(["fabric": "mesh"], live: ["fabric"])
        #expect(identities.overlays == ["fabric": "net"])
        identities.rename(["net": "fabric"], live: ["net"])
        #expect(identities == Identities())
    }

    @Test func namesMayBeExchanged() {
        var identities = Identities(overlays: ["a": "first"])
        identities.rename(["a": "b", "b": "a"], live: ["a", "b"])
        #expect(identities.overlays == ["a": "b", "b": "first"])
        #expect(identities.keeper(ofOverlay: "a") == nil && identities.keeper(ofOverlay: "b") == nil)
    }

    @Test func aNewOverlayUnderTheOldNameIsAnother() {
        var identities = Identities()
        identities.rename(["mesh": "net"], live: ["mesh", "net"])
        #expect(identities.original(ofOverlay: "mesh") == "net")
        #expect(identities.keeper(ofOverlay: "net") == "mesh")
        identities.rename([:], live: ["net"])
        #expect(identities == Identities())
    }
}
