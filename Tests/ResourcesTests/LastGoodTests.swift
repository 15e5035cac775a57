import Manifest
import Resources
import Testing

/// I2 and I3: an error never deletes, an absence does.
@Suite struct LastGoodTests {
    private let net = file("net.yaml", overlay())
    private let a = node("a", "{name: net, addresses: [10.0.0.1]}")
    private let b = node("b", "{name: net, addresses: [10.0.0.2]}")

    private func names(_ set: AcceptedSet) -> [String] { set.live.nodes.map(\.metadata.name) }

    private func start(_ files: [ManifestFile]) throws -> (Acceptor, AcceptedSet) {
        var acceptor = try Acceptor()
        let set = acceptor.accept(files, lastGood: [])
        #expect(set.fileErrors.isEmpty && set.acceptances.allSatisfy { $0.status == .true })
        return (acceptor, set)
    }

    @Test(arguments: ["syntax", "unreadable", "blank", "no name", "no kind", "bad kind", "list", "bad name"])
    func aFileThatBreaksKeepsAllItHeld(how: String) throws {
        var (acceptor, first) = try start([net, file("n.yaml", "\(a)\n---\n\(b)")])
        let broken: ManifestFile =
            switch how {
            case "syntax": file("n.yaml", "\(a)\n---\n\(b)\n---\n\tx")
            case "unreadable": ManifestFile(path: "n.yaml", contents: .unreadable(reason: "Permission denied"))
            case "blank": file("n.yaml", " \n")
            case "no name": file("n.yaml", "\(a)\n---\n\(b.replacing("name: b", with: ""))")
            case "no kind": file("n.yaml", "\(a)\n---\n\(b.replacing("kind: Node", with: ""))")
            case "bad kind": file("n.yaml", "\(a)\n---\n\(b.replacing("kind: Node", with: "kind: Nod"))")
            case "bad name": file("n.yaml", "\(a)\n---\n\(b.replacing("name: b", with: "name: B_"))")
            default: file("n.yaml", "\(a)\n---\n- b")
            }
        let second = acceptor.accept([net, broken], lastGood: first.lastGood)
        #expect(names(second) == ["a", "b"])
        #expect(second.live == first.live)
        #expect(!second.fileErrors.isEmpty)
        let held = try #require(second.acceptance(.node, "b"))
        #expect(held.status == .false && held.reason == Reason.invalid && held.generation == 1)
        #expect(held.message.hasPrefix("n.yaml:"))
        // Repaired: the error is gone, and the generation is what it was.
        let third = acceptor.accept([net, file("n.yaml", "\(a)\n---\n\(b)")], lastGood: second.lastGood)
        #expect(third == first)
        // Removed: gone.
        let fourth = acceptor.accept([net], lastGood: second.lastGood)
        #expect(names(fourth) == [])
        #expect(fourth.acceptances.map(\.key.kind) == [.overlay])
    }

    /// A field of the live version is found in its text; without the text, where the resource stood.
    @Test func aLaterMistakeHasTheFieldsPlaceOrTheResources() throws {
        var (acceptor, first) = try start([net, file("n.yaml", "\(a)\n---\n\(b)\n  unschedulable: true\n")])
        let path = FieldPath(keys: "spec", "unschedulable")
        func place(_ set: AcceptedSet) -> String {
            acceptor.error(at: path, of: ResourceKey(.node, "b"), in: set, "no", remedy: "").description
        }
        #expect(place(first) == "n.yaml:14:3: spec.unschedulable: no")
        let second = acceptor.accept([net, file("n.yaml", "\(a)\n---\n\n\(b)\n  x: 1")], lastGood: first.lastGood)
        #expect(second.live == first.live)
        #expect(place(second) == "n.yaml:8:1: spec.unschedulable: no")
    }

    @Test func anInvalidDocumentHoldsOnlyItself() throws {
        var (acceptor, first) = try start([net, file("n.yaml", "\(a)\n---\n\(b)")])
        let changed = "\(a)\n  unschedulable: true\n---\n\(b)\n  lisenPort: 1"
        let second = acceptor.accept([net, file("n.yaml", changed)], lastGood: first.lastGood)
        #expect(names(second) == ["a", "b"])
        #expect(second.acceptance(.node, "a")?.generation == 2)
        #expect(second.live.nodes.first?.spec.unschedulable == true)
        #expect(second.acceptance(.node, "b")?.status == .false)
        #expect(second.acceptance(.node, "b")?.json == first.acceptance(.node, "b")?.json)
        // A resource that left the same file, beside the broken document, is gone.
        let third = acceptor.accept([net, file("n.yaml", "\(b)\n  lisenPort: 1")], lastGood: second.lastGood)
        #expect(names(third) == ["b"])
    }

    @Test func aBadDocumentThatWasNeverGoodIsNotLive() throws {
        var acceptor = try Acceptor()
        let set = acceptor.accept([net, file("n.yaml", "\(a)\n  unknown: 1")], lastGood: [])
        #expect(set.live.nodes.isEmpty && set.acceptance(.node, "a")?.generation == 0)
        #expect(set.lastGood.map(\.key.kind) == [.overlay])
    }

    @Test func generationFollowsTheSpecAlone() throws {
        var (acceptor, first) = try start([net, file("a.yaml", a)])
        func generation(_ text: String, path: String = "a.yaml") -> Int? {
            acceptor.accept([net, file(path, text)], lastGood: first.lastGood).acceptance(.node, "a")?.generation
        }
        #expect(generation("# comment\n\n" + a, path: "renamed.yaml") == 1)
        #expect(generation(a.replacing("{name: a}", with: "{name: a, labels: {x: y}, annotations: {z: w}}")) == 1)
        #expect(generation(a + "\nstatus: {conditions: [{anything: true}]}") == 1)
        #expect(generation(a + "\n  unschedulable: false") == 1)
        #expect(generation(a + "\n  unschedulable: true") == 2)
    }

    /// What an older release stored knows no field that came later: an upgrade changes no generation, and loses nothing.
    @Test func aLastGoodVersionWithoutNewerFieldsGetsTheirDefaults() throws {
        let files = [net, file("a.yaml", a)]
        let (_, first) = try start(files)
        let older = first.lastGood.map { item in
            var older = item
            for field in [#","unschedulable":false"#, #""containers":[],"#, #""topology":{"type":"FullMesh"},"#] {
                older.json = older.json.replacing(field, with: "")
            }
            return older
        }
        try #require(zip(older, first.lastGood).allSatisfy { $0.json != $1.json })
        var upgraded = try Acceptor()
        #expect(upgraded.accept(files, lastGood: older) == first)
        var withoutManifests = try Acceptor()
        let unreadable = files.map { ManifestFile(path: $0.path, contents: .unreadable(reason: "Permission denied")) }
        let second = withoutManifests.accept(unreadable, lastGood: older)
        #expect(second.live == first.live && second.lastGood == first.lastGood)
    }

    @Test func twoDocumentsOfOneNameKeepTheIncumbent() throws {
        var (acceptor, first) = try start([net, file("a.yaml", a)])
        let rival = a.replacing("10.0.0.1", with: "10.0.0.9")
        let second = acceptor.accept([net, file("a.yaml", a), file("0.yaml", rival)], lastGood: first.lastGood)
        #expect(second.live == first.live)
        let message = try #require(second.acceptance(.node, "a")?.message)
        #expect(message.contains("0.yaml:3:12") && message.contains("a.yaml:3:12"))
        var fresh = try Acceptor()
        #expect(fresh.accept([net, file("a.yaml", a), file("0.yaml", rival)], lastGood: []).live.nodes.isEmpty)
    }

    @Test func aDocumentElsewhereDoesNotReplaceWhatABrokenFileHolds() throws {
        var (acceptor, first) = try start([net, file("a.yaml", a)])
        let files = [net, file("a.yaml", "\t"), file("z.yaml", "x: [")]
        let second = acceptor.accept(files + [file("n.yaml", a + "\n  unschedulable: true")], lastGood: first.lastGood)
        #expect(second.live.nodes.map(\.spec.unschedulable) == [false])
        #expect(second.acceptance(.node, "a")?.status == .false)
    }

    @Test func aRenamedFileChangesNothing() throws {
        var (acceptor, first) = try start([net, file("a.yaml", a)])
        let second = acceptor.accept([net, file("b.yaml", a)], lastGood: first.lastGood)
        #expect(second.live == first.live && second.acceptances.allSatisfy { $0.status == .true })
    }
}
