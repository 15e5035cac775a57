import Manifest
import NetAddress
import Resources
import Testing

/// "Files" of docs/reliability.md, as far as what is in them matters; the rest is in ManifestWatchTests.
@Suite struct BadFileTests {
    @Test(arguments: ["", "\n", " \t\r\n"])
    func aZeroByteFileKeepsWhatItHeld(text: String) throws {
        try Incumbents().expectFileRefused(.bytes(Array(text.utf8)), "a.yaml:1:1: the file is empty and held Node/a")
    }

    @Test func anUnreadableFileKeepsWhatItHeldAndNothingIsDeleted() throws {
        let fleet = try Incumbents()
        let unreadable = ManifestFile.Contents.unreadable(reason: "Permission denied")
        fleet.expectFileRefused(unreadable, "a.yaml:1:1: cannot be read: Permission denied")
        // b may have moved into it.
        let set = fleet.change(ManifestFile(path: "a.yaml", contents: unreadable), without: "b.yaml")
        #expect(set.lastGood == fleet.live.lastGood)
        let held = try #require(set.acceptances.first { $0.key.name == "b" })
        #expect(held.status == .false && held.message.hasPrefix("a.yaml:1:1: Node/b is in no document, and is kept"))
        // With the file gone it is plain.
        #expect(fleet.change(without: "a.yaml", "b.yaml").lastGood.map(\.key.name) == ["net"])
    }

    /// Renamed and broken in one step: the file that held the resource is gone, and where it went does not parse.
    @Test func aRenamedFileThatDoesNotParseDeletesNothing() throws {
        let fleet = try Incumbents()
        let set = fleet.change(file("renamed.yaml", node("a") + "\n\tx"), without: "a.yaml")
        #expect(set.lastGood == fleet.live.lastGood)
        #expect(set.acceptances.first?.message.contains("renamed.yaml:7:1: Node/a is in no document") == true)
    }

    @Test(arguments: [
        ("kind", "kind: Node", "kind: Overlay"), ("a name that another has", "name: a", "name: b"),
        (
            "a name, and an address outside", "{name: a}\nspec:\n  overlays: [{name: net, addresses: [10.0.0.1]}]",
            "{name: c}\nspec:\n  overlays: [{name: net, addresses: [10.9.0.1]}]"
        ),
    ])
    func aMistypedIdentityDeletesNothing(what: String, text: String, typo: String) throws {
        let fleet = try Incumbents()
        let before = node("a")
        let set = fleet.change(file("a.yaml", before.replacing(text, with: typo)))
        #expect(set.live == fleet.live.live)
        let held = try #require(set.acceptances.first { $0.key == ResourceKey(.node, "a") })
        #expect(held.status == .false && held.message.contains("is kept while this mistake may be what hides it"))
        // What is renamed rightly is another resource, and the old one is plainly gone.
        let renamed = fleet.change(file("a.yaml", before.replacing("{name: a}", with: "{name: c}")))
        #expect(renamed.live.nodes.map(\.metadata.name) == ["b", "c"])
    }

    @Test func aFileOfMoreThanOneMebibyte() throws {
        let text = node("a") + "\n" + String(repeating: "#", count: 1 << 20)
        try Incumbents().expectFileRefused(.bytes(Array(text.utf8)), "a.yaml:1:1: the file has 10486")
    }

    @Test(arguments: [
        [UInt8](arrayLiteral: 0xff), [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5, 0x80, 0x80, 0x80],
    ])
    func aFileThatIsNotUTF8(bytes: [UInt8]) throws {
        let text = Array("\(node("a"))\n# ".utf8) + bytes + Array("\n".utf8)
        try Incumbents().expectFileRefused(.bytes(text), "a.yaml:7:3: the file is not UTF-8, save it as UTF-8")
    }

    @Test func aFileWithNULBytes() throws {
        try Incumbents().expectFileRefused(
            .bytes(Array("\(node("a"))\n# \0".utf8)), "a.yaml:7:3: the file has a NUL byte, save it as UTF-8 text")
    }

    /// Ends of lines to YAML 1.1 and to libyaml, and not to YAML 1.2 and to editors.
    @Test(arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
    func lineSeparatorsThatNoEditorCounts(separator: String) throws {
        try Incumbents().expectFileRefused(
            .bytes(Array("\(node("a"))\n# \(separator)".utf8)), "a.yaml:7:3: the file has a line separator")
    }

    @Test func aByteOrderMarkAndCRLFAreAccepted() throws {
        let fleet = try Incumbents()
        let text = node("a", "{name: net, addresses: [10.0.0.9]}").replacing("\n", with: "\r\n")
        let set = fleet.change(ManifestFile(path: "a.yaml", contents: .bytes([0xef, 0xbb, 0xbf] + Array(text.utf8))))
        #expect(set.acceptances.allSatisfy { $0.status == .true } && set.fileErrors.isEmpty)
        #expect(set.live.nodes.first?.spec.overlays.first?.addresses.map(\.description) == ["10.0.0.9"])
    }

    @Test func controlCharactersInAFileNameAreEscaped() throws {
        let name = "a\n\u{1b}[31m\u{202e}.yaml"
        let set = try Incumbents().change(file(name, "x: ["), file("c.yaml", node("c", "", "  unknown: 1")))
        let texts =
            set.findings.map(\.error.description) + set.fileErrors.map(\.message) + set.acceptances.map(\.message)
        #expect(texts.contains { $0.hasPrefix("a\\u{a}\\u{1b}[31m\\u{202e}.yaml:") })
        for text in texts.flatMap({ $0.split(separator: "\n") }) {
            #expect(!text.unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) })
        }
    }
}
