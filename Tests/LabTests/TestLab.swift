internal import Foundation
@testable internal import Lab
internal import Synchronization
internal import TestSupport

/// A lab in a temporary folder of its own.
struct TestLab {
    let lab: Lab
    let root: String
    var folder: String { "\(root)/\(lab.name)" }

    func start(
        nodes: [LabNode], images: [LabImage] = [], executable: String = BuildProducts.wgctl, startsDaemon: Bool = false
    ) async throws {
        let manifests = "\(root)/manifests"
        try FileManager.default.createDirectory(atPath: manifests, withIntermediateDirectories: true)
        try await lab.start(
            nodes: nodes,
            options: LabOptions(
                manifests: manifests, images: images, executable: executable, startsDaemon: startsDaemon),
            progress: { _ in })
    }

    /// An overlay of two nodes.
    func writeManifests(to directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Overlay
            metadata: {name: o}
            spec: {subnets: [10.0.0.0/24]}
            ---
            apiVersion: wgctl.dev/v1alpha1
            kind: Node
            metadata: {name: a}
            spec: {endpoint: "192.168.1.10", overlays: [{name: o, addresses: [10.0.0.1]}]}
            ---
            apiVersion: wgctl.dev/v1alpha1
            kind: Node
            metadata: {name: b}
            spec: {overlays: [{name: o, addresses: [10.0.0.2]}]}

            """
        try text.write(toFile: "\(directory)/fleet.yaml", atomically: true, encoding: .utf8)
    }

    /// Runs a command on a host and returns its standard output.
    @discardableResult
    func run(_ command: [String], on host: String) throws -> String {
        try Command(try lab.command(command, on: host)).run()
    }

    /// An image from busybox, by the project's own script.
    func makeImage() throws -> String {
        let script = Repository.root.appending(path: "scripts/busybox-image").path
        try Command([script, "\(root)/image.tar"]).run()
        return "\(root)/image.tar"
    }

    /// The cgroups of a container in every hierarchy that the machine has mounted.
    func cgroups(of id: String) -> [String] {
        let root = "/sys/fs/cgroup"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return ([root] + names.map { "\(root)/\($0)" }).map { "\($0)/libpod_parent/libpod-\(id)" }
            .filter { FileManager.default.fileExists(atPath: $0) }
    }
}

private let counter = Atomic(0)

/// Makes a lab with a name of its own and takes it away afterwards, whatever happens.
func withLab(_ body: (TestLab) async throws -> Void) async throws {
    let number = counter.add(1, ordering: .relaxed).newValue
    let name = "t\(getpid())-\(number)"
    let root = "\(FileManager.default.temporaryDirectory.path)/wgctl-lab-tests-\(name)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let lab = TestLab(lab: try Lab(name: name, root: root), root: root)
    do {
        try await body(lab)
    } catch {
        try? await lab.lab.down()
        try? FileManager.default.removeItem(atPath: root)
        throw error
    }
    try? await lab.lab.down()
    try? FileManager.default.removeItem(atPath: root)
}
