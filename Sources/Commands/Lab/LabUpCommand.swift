internal import ArgumentParser
internal import Foundation
internal import HostPolicy
internal import Lab
internal import Manifest

/// `wgctl lab up`.
struct LabUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Bring up one host per Node of a manifest directory, and wait until all are Ready.",
        discussion: """
            Every node's own endpoint address is on its eth0, routed between different
            subnets; endpoint names are resolved; a node without an endpoint stands
            behind a masquerading router. The daemons follow the directory as it is
            edited, and a symbolic link to it when it is switched to another revision,
            as wgctl-pull and git-sync do; a node that is added gets its host. The
            hosts' policy is LAB/policy.yaml, LAB being the lab's folder: edit it there.

            Hosts reach no registry. --image brings an image that the manifests name,
            from an archive of `podman save`, or a root file system:

              podman save -o alpine.tar docker.io/library/alpine:3.20
              wgctl lab up manifests/two-hosts \\
                --image docker.io/library/alpine:3.20=alpine.tar

            --lag makes a host late, as one is whose GitOps pull runs at another time: it
            follows a copy of the directory, which receives each edit as a whole, in its
            turn, that much after it was made. Rehearse an edit as it reaches a fleet:

              wgctl lab up manifests/two-hosts --lag host-b=60s

            Exits with 0 when every host is Ready, with 1 when one is not in time: the
            lab then stays up, to be looked at. When a host cannot be made at all,
            everything is taken away again.
            """)

    @OptionGroup var lab: LabNameOption

    @Argument(help: "The manifest directory, used as it stands.", completion: .directory)
    var directory: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An image for hosts that reach no registry: an archive of podman save, or a root file system. Repeatable.",
            valueName: "name=tarfile"))
    var image: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A HostPolicy for every host, copied into the lab; without it, the default is in force.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var policy: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A host that receives each edit of the directory so much later, such as host-b=60s; units: ms, s, m. Repeatable.",
            valueName: "host=time"))
    var lag: [String] = []

    @Option(name: .long, help: ArgumentHelp("How long the hosts have to become Ready.", valueName: "seconds"))
    var timeout = 120

    @Flag(inversion: .prefixedNo, help: "Start wgd on each host; without, start it yourself with lab exec.")
    var wgd = true

    func validate() throws {
        if timeout < 1 { throw ValidationError("--timeout \(timeout): at least 1 second") }
    }

    func run() async throws { try await reportingLabFailure { try await bringUp() } }

    private func bringUp() async throws {
        let lab = try lab.lab()
        let images = try image.map(LabImage.init(parsing:))
        let lags = try lag.map(LabLag.init(parsing:))
        let policy = try policy.map { try policyText($0) }
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let manifests = try await LabManifests(directory: directory)
        let printer = LabProgressPrinter(
            width: manifests.nodes.map(\.name.count).reduce(3, max), isColoured: Terminal.isColoured)
        for complaint in manifests.complaints { printer.show(LabProgress(host: nil, message: complaint)) }
        let options = LabOptions(
            manifests: directory, policy: policy, images: images, lags: lags, executable: executable,
            startsDaemon: wgd, timeout: .seconds(timeout))
        try await lab.up(nodes: manifests.nodes, options: options) { printer.show($0) }
        let name = lab.name == LabNameOption.defaultName ? "" : " --name \(lab.name)"
        printer.show(
            LabProgress(
                host: nil,
                message: "up; look inside with `wgctl lab exec\(name) \(manifests.nodes[0].name) -- wgctl get nodes`"))
    }

    /// The text of a policy file that a daemon would take.
    private func policyText(_ path: String) throws -> String {
        let file = try PolicyOption.read(path)
        _ = try HostPolicy(file: file)
        guard case .bytes(let bytes) = file.contents else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
