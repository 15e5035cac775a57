import Manifest
import NetAddress
import Resources
import Testing

/// An overlay and two nodes that are live, and what becomes of them when a file turns bad.
struct Incumbents {
    static let key = "jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="

    let files: [ManifestFile]
    let live: AcceptedSet
    private let acceptor: Acceptor

    init() throws {
        files = [
            file("a.yaml", node("a", "{name: net, addresses: [10.0.0.1]}", "  publicKey: \(Incumbents.key)")),
            file("b.yaml", node("b", "{name: net, addresses: [10.0.0.2]}", "  endpoint: 192.168.1.20")),
            file("net.yaml", overlay("net", "10.0.0.0/24")),
        ]
        var acceptor = try Acceptor()
        live = acceptor.accept(files, lastGood: [])
        self.acceptor = acceptor
        #expect(live.acceptances.allSatisfy { $0.status == .true })
    }

    /// What the daemon would do with these files in place of those with the same paths.
    func change(_ changed: ManifestFile..., without removed: String...) -> AcceptedSet {
        var acceptor = acceptor
        let paths = Set(changed.map(\.path) + removed)
        return acceptor.accept(files.filter { !paths.contains($0.path) } + changed, lastGood: live.lastGood)
    }

    /// **E**: a document is refused with its place, path, reason and remedy; its last good version stays, and every
    /// other goes ahead.
    ///
    /// - Parameters:
    ///   - path: `a.yaml` is the incumbent's, any other a newcomer's.
    ///   - mistakes: `PATH: REASON` of each mistake, as far as they matter, in the order of their places.
    func expectRefused(
        _ text: String, in path: String = "a.yaml", _ mistakes: String..., reason: String = Reason.invalid,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        let other = node("b", "{name: net, addresses: [10.0.0.2]}", "  endpoint: 192.168.1.21")
        let set = change(file(path, text), file("b.yaml", other))
        let known = ["a.yaml": ResourceKey(.node, "a"), "net.yaml": ResourceKey(.overlay, "net")]
        let key = known[path] ?? ResourceKey(.node, "c")
        let found = set.findings.filter { $0.error.file == path }
        expect(found, mistakes, sourceLocation)
        #expect(found.allSatisfy { $0.reason == reason }, "\(found)", sourceLocation: sourceLocation)
        #expect(
            entry(key, in: set) == entry(key, in: live), "the last good version stays", sourceLocation: sourceLocation)
        #expect(
            set.live.nodes.first { $0.metadata.name == "b" }?.spec.endpoint?.description == "192.168.1.21",
            "every other goes ahead", sourceLocation: sourceLocation)
        #expect(set.lastGood.count == 3, sourceLocation: sourceLocation)
    }

    /// **F**: the same for every document of the file.
    func expectFileRefused(
        _ contents: ManifestFile.Contents, _ mistakes: String...,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        let set = change(
            ManifestFile(path: "a.yaml", contents: contents),
            file("b.yaml", node("b", "{name: net, addresses: [10.0.0.2]}", "  endpoint: 192.168.1.21")))
        expect(set.findings.filter { $0.resource == nil }, mistakes, sourceLocation)
        #expect(set.acceptances.first?.status == .false, sourceLocation: sourceLocation)
        let key = ResourceKey(.node, "a")
        #expect(entry(key, in: set) == entry(key, in: live), sourceLocation: sourceLocation)
        #expect(
            set.live.nodes.last?.spec.endpoint?.description == "192.168.1.21", "every other goes ahead",
            sourceLocation: sourceLocation)
    }

    func entry(_ key: ResourceKey, in set: AcceptedSet) -> LastGood? { set.lastGood.first { $0.key == key } }

    private func expect(_ found: [Finding], _ mistakes: [String], _ sourceLocation: Testing.SourceLocation) {
        let lines = found.map(\.error.description)
        #expect(lines.count == mistakes.count, "\(lines)", sourceLocation: sourceLocation)
        for (line, mistake) in zip(lines, mistakes) {
            // FILE:LINE:COLUMN: what is wrong, what to write instead.
            #expect(line.contains(#/^[a-z]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .+, .+$/#), sourceLocation: sourceLocation)
            #expect(line.contains(mistake), "\(line)", sourceLocation: sourceLocation)
        }
    }
}

func file(_ path: String, _ text: String) -> ManifestFile {
    ManifestFile(path: path, contents: .bytes(Array(text.utf8)))
}

/// A node in few words; `more` stands below `spec`.
func node(_ name: String, _ overlays: String = "{name: net, addresses: [10.0.0.1]}", _ more: String = "") -> String {
    """
    apiVersion: wgctl.dev/v1alpha1
    kind: Node
    metadata: {name: \(name)}
    spec:
      overlays: [\(overlays)]
    \(more)
    """
}

/// An overlay in few words; `more` stands below `spec`.
func overlay(_ name: String, _ subnets: String, _ more: String = "") -> String {
    """
    apiVersion: wgctl.dev/v1alpha1
    kind: Overlay
    metadata: {name: \(name)}
    spec:
      subnets: [\(subnets)]
    \(more)
    """
}

/// A node with one container of these fields.
func container(_ fields: String) -> String {
    node("a", "{name: net, addresses: [10.0.0.1]}", "  containers: [{name: p, image: i, \(fields)}]")
}
