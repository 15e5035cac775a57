import ControlAPI
import Foundation
import Glibc
import JSON
import Manifest
import Resources
import Synchronization
import TestSupport
import Testing

/// The built `wgctl` on real files: what it prints where, and its exit codes.
struct OfflineProgramTests {
    private let directory = temporaryPath("offline")
    private static let example = Repository.root.appendingPathComponent("manifests/two-hosts").path

    private func wgctl(_ arguments: String..., input: String = "") async throws -> ProgramResult {
        try await wgctl(arguments, input: input)
    }

    private func wgctl(_ arguments: [String], input: String = "") async throws -> ProgramResult {
        try await runWgctl(
            arguments, input: input, environment: ["WGCTL_SOCKET": directory + "/wgd.sock", "NO_COLOR": "1"])
    }

    private func save(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: directory).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func example(_ file: String) throws -> String {
        try String(contentsOfFile: Self.example + "/" + file, encoding: .utf8)
    }

    /// A name of a file is the only text of an author that stands outside of quotes.
    @Test(arguments: ["text", "json", "sarif", "github"])
    func controlCharactersInAFileNameNeverReachTheTerminal(format: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try save("a\n\u{1b}[2J\u{202e}\u{9b}.yaml", "x: [")
        let result = try await wgctl("validate", directory, "-o", format)
        #expect(result.status == 1)
        for scalar in (result.output + result.error).unicodeScalars where scalar != "\n" {
            #expect(![.control, .format].contains(scalar.properties.generalCategory), "\(result)")
        }
        #expect(result.output.split(separator: "\n").count { $0.contains("2J") } >= 1)
        if format == "text" || format == "github" { #expect(result.output.split(separator: "\n").count == 1) }
    }

    @Test func validate() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let good = try await wgctl("validate", Self.example)
        #expect(good.status == 0 && good.output.isEmpty && good.error.isEmpty, "\(good)")

        try save("sub/a.yml", try example("host-a.yaml").replacing("endpoint:", with: "endpont:"))
        try save("overlay.yaml", try example("overlay.yaml"))
        try save(".git/x.yaml", "nonsense")
        try save("notes.txt", "nonsense")
        let bad = try await wgctl("validate", directory + "/")
        #expect(bad.status == 1)
        #expect(bad.output.hasPrefix("\(directory)/sub/a.yml:6:3: spec.endpont: unknown field"), "\(bad)")
        #expect(bad.output.split(separator: "\n").count == 1)
        let single = try await wgctl("validate", directory + "/overlay.yaml", "-o", "json")
        #expect(single.status == 0 && JSONValue(parsing: single.output)?["valid"] == .bool(true))
        // Who may write a file is a matter of the host, not of a checkout.
        chmod(directory + "/overlay.yaml", 0o666)
        #expect(try await wgctl("validate", directory + "/overlay.yaml").status == 0)

        let piped = try await wgctl("validate", "-", input: "a: [")
        #expect(piped.status == 1 && piped.output.hasPrefix("<stdin>:"))
        for path in ["/nonexistent", directory + "/.git"] {
            let result = try await wgctl("validate", path)
            #expect(result.status == (path == "/nonexistent" ? 2 : 1), "\(result)")
        }
        try FileManager.default.createDirectory(atPath: directory + "/empty", withIntermediateDirectories: true)
        #expect(try await wgctl("validate", directory + "/empty").status == 2)
        let unknown = try await wgctl("validate", directory, "-o", "xml")
        #expect(unknown.status == 64 && unknown.error.hasPrefix("error: "), "\(unknown)")
    }

    @Test func wholeSetChecksRunAcrossPaths() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try save("a.yaml", try example("host-a.yaml"))
        let alone = try await wgctl("validate", directory + "/a.yaml")
        #expect(alone.status == 1 && alone.output.contains("there is no Overlay \"overlay-net\""))
        let whole = try await wgctl("validate", directory + "/a.yaml", Self.example + "/overlay.yaml")
        #expect(whole.status == 0, "\(whole)")
        try save("b.yaml", try example("host-a.yaml").replacing("name: host-a", with: "name: host-z"))
        let twice = try await wgctl("validate", directory, Self.example + "/overlay.yaml")
        #expect(
            twice.status == 1 && twice.output.contains("b.yaml:")
                && twice.output.contains("the address is also claimed by Node/host-a"), "\(twice)")
    }

    @Test func policy() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let head = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\n"
        try save("policy.yaml", head + "spec: {overlays: {cidrs: [10.0.0.0/8]}}\n")
        try save("set/overlay.yaml", try example("overlay.yaml"))
        let probe = """
                - name: probe
                  networks: [{overlay: overlay-net, addresses: [10.0.0.11]}]
                  image: docker.io/library/alpine:3.20
                  securityContext: {privileged: true}

            """
        try save("set/a.yaml", try example("host-a.yaml") + probe)
        let policy = directory + "/policy.yaml"
        // Whose file it is here is no matter: the host asks.
        chmod(policy, 0o666)
        #expect(try await wgctl("validate", directory + "/set").status == 0)
        let judged = try await wgctl("validate", directory + "/set", "--policy", policy)
        #expect(judged.status == 1 && judged.output.split(separator: "\n").count == 1, "\(judged)")
        #expect(
            judged.output.contains(
                "spec.containers[1].securityContext.privileged: the host policy allows no privileged"))
        let json = try await wgctl("validate", directory + "/set", "--policy", policy, "-o", "json")
        #expect(json.output.contains("\"reason\" : \"PolicyViolation\""), "\(json)")

        let plan = try await wgctl("plan", directory + "/set", "--node", "host-a", "--policy", policy)
        #expect(plan.status == 0 && plan.error.contains("the host policy allows no privileged container"), "\(plan)")
        #expect(plan.output.contains("pod-a: image") && !plan.output.contains("probe: image"))
        #expect(plan.output.contains("kept as it is:\n  container probe\n"))

        try save("policy.yaml", head + "spec: {containers: {levle: Baseline}}\n")
        for command in [["validate", Self.example], ["plan", Self.example, "--node", "host-a"]] {
            let broken = try await wgctl(command + ["--policy", policy])
            #expect(broken.status == 2 && broken.output.isEmpty, "\(broken)")
            #expect(
                broken.error.contains("policy.yaml:3:21: spec.containers.levle: unknown field, did you mean \"level\"?")
            )
        }
        #expect(try await wgctl("validate", Self.example, "--policy", "/nonexistent").status == 2)
        let field = try await wgctl("explain", "hostpolicy.spec.containers.hostPaths")
        #expect(field.status == 0 && field.output.contains("pathPrefix\t<Path> -required-"), "\(field)")
    }

    @Test func explain() async throws {
        let field = try await wgctl("explain", "node.spec.overlays")
        #expect(field.status == 0 && field.output.contains("FIELD: overlays <[]Object>"))
        let pod = try await wgctl("explain", "pod.image")
        #expect(pod.status == 0 && pod.output.contains("FIELD: image <Image>"))
        #expect(pod.error == "no schema for \"pod\"; containers are described under node.spec.containers\n")
        let wrong = try await wgctl("explain", "node.spec.overlay")
        #expect(wrong.status == 1)
        #expect(wrong.error == "error: node.spec has no field \"overlay\"; did you mean \"overlays\"?\n")
        #expect(try await wgctl("explain").status == 64)
    }

    @Test func plan() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let key = "jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="
        try save("keys.json", "{\"host-b\": \"\(key)\"}")
        let text = try await wgctl(
            "plan", Self.example, "--node", "host-a", "--peer-keys", directory + "/keys.json", "--underlay-mtu", "1400")
        #expect(text.status == 0 && text.error.isEmpty, "\(text)")
        #expect(text.output.contains("10.0.0.20/32 dev wg0 src 10.0.0.1") && text.output.contains("mtu 1320"))
        let json = try await wgctl("plan", Self.example, "--node", "host-b", "-o", "json")
        #expect(JSONValue(parsing: json.output)?["node"]?.text == "host-b")
        let missing = try await wgctl("plan", Self.example, "--node", "host-x")
        #expect(missing.status == 1)
        #expect(missing.error == "error: node \"host-x\" not found; there is host-a, host-b\n")
        #expect(try await wgctl("plan", "/nonexistent", "--node", "host-a").status == 2)
        try save("set/a.yaml", try example("host-a.yaml") + "  x: 1\n")
        let refused = try await wgctl("plan", directory + "/set", "--node", "host-a")
        #expect(refused.status == 1 && refused.error.contains("a.yaml:") && refused.error.contains("spec.x"))
        #expect(refused.error.contains("error: node \"host-a\" is not valid"))
    }

    /// As on a host that wgd is set up on: without PATH its manifests, without --node its Node.
    @Test func withoutPathTheHostsOwnManifestsAreRead() async throws {
        func onHost(_ arguments: String..., node: String = "host-b", manifests: String = OfflineProgramTests.example)
            async throws
            -> ProgramResult
        {
            try await runWgctl(
                arguments,
                environment: [
                    "WGCTL_SOCKET": directory + "/wgd.sock", "WGD_MANIFESTS": manifests, "WGD_NODE": node,
                    "WGD_STATE_DIR": directory,
                ])
        }
        let valid = try await onHost("validate", "-o", "json")
        #expect(JSONValue(parsing: valid.output)?["resources"] == .integer(3), "\(valid)")
        let plan = try await onHost("plan")
        #expect(plan.status == 0 && plan.output.hasPrefix("# what host host-b must have"), "\(plan)")
        #expect(try await onHost("render", "wg-quick").status == 0)
        let stranger = try await onHost("plan", node: "host-z")
        #expect(
            stranger.error
                == "error: node \"host-z\" not found (this host's; name another with --node); there is host-a, host-b\n"
        )
        let nothing = try await onHost("validate", manifests: "/nonexistent")
        #expect(nothing.status == 2, "\(nothing)")
        #expect(
            nothing.error.hasPrefix("error: /nonexistent: ")
                && nothing.error.hasSuffix("(this host's manifest directory; name a PATH to read others)\n"))
    }

    /// `-f` of kubectl, by itself, twice and beside PATH.
    @Test func filesGoByDashFToo() async throws {
        let files = ["host-a.yaml", "overlay.yaml"].map { Self.example + "/" + $0 }
        for arguments in [
            ["-f", files[0], "-f", files[1]], [files[0], "-f", files[1]], ["--filename", Self.example],
        ] {
            let result = try await wgctl(["validate", "-o", "json"] + arguments)
            #expect(result.status == 0 && !result.output.contains("\"files\" : 0"), "\(arguments): \(result)")
            #expect(try await wgctl(["plan", "--node", "host-a"] + arguments).status == 0)
        }
        #expect(try await wgctl("diff", Self.example, "-f", Self.example).status == 64)
        let listed = try await wgctl("validate", "-f", "-", input: "a: [")
        #expect(listed.status == 1 && listed.output.hasPrefix("<stdin>:"), "\(listed)")
    }

    @Test func render() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let key = "jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="
        try save("keys.json", "{\"host-b\": \"\(key)\"}")
        for format in ["wg-quick", "networkd"] {
            let text = try await wgctl(
                "render", format, Self.example, "--node", "host-a", "--peer-keys", directory + "/keys.json")
            #expect(text.status == 0 && text.error.hasPrefix("containers are left out: pod-a\n"), "\(text)")
            #expect(
                text.error.hasSuffix(
                    "\nwarning: node/host-a: PublicKeyMissing: nobody can have it as a peer; put its public key into "
                        + "spec.publicKey\n"))
            #expect(!text.error.contains("host-b") && !text.output.contains("is left out"), "its key is given")
            let keyless = try await wgctl("render", format, Self.example, "--node", "host-a")
            #expect(
                keyless.error.contains("\nwarning: node/host-b: PublicKeyMissing: left out as a peer; "), "\(keyless)")
            #expect(
                keyless.output.contains("\n# host-b is left out: its Node has no publicKey (PublicKeyMissing)\n"))
            try expectGolden(text.output, "Golden/render-\(format).txt")
        }
        let written = try await wgctl(
            "render", "networkd", Self.example, "--node", "host-a", "--directory", directory)
        #expect(written.output == "\(directory)/50-wg0.netdev\n\(directory)/50-wg0.network\n", "\(written)")
        #expect(try await wgctl("render", "wg-quick", Self.example, "--node", "host-x").status == 1)
        let fields = "listenPort: 51820, fwmark: 7, presharedKeys: {file: /etc/wgctl/secrets/net}"
        try save("set/overlay.yaml", try example("overlay.yaml").replacing("listenPort: 51820", with: fields))
        try save("set/host-a.yaml", try example("host-a.yaml"))
        for (format, mark) in [("wg-quick", "FwMark = 7\n"), ("networkd", "FirewallMark=7\n")] {
            let text = try await wgctl("render", format, directory + "/set", "--node", "host-a").output
            #expect(text.contains(mark) && text.contains("# the overlay has preshared keys"))
        }
        #expect(try await wgctl("render", "netplan", Self.example, "--node", "host-a").status == 64)
    }

    @Test func diff() async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try await wgctl("diff").status == 2)

        let daemon = DaemonDouble(try fleet(), events: [])
        let (listening, ready) = AsyncStream<Void>.makeStream()
        let server = Task { [socket = directory + "/wgd.sock"] in
            try await ControlServer(socketPath: socket, provider: daemon).run { ready.finish() }
        }
        defer { server.cancel() }
        for await _ in listening {}

        let same = try await wgctl("diff")
        #expect(same.status == 0 && same.output.isEmpty && same.error.hasPrefix("No changes. host-a"), "\(same)")
        // What was not compared is not without changes.
        daemon.diffReport.withLock { $0.unknown = ["containers and Podman networks were not compared: no answer"] }
        let partial = try await wgctl("diff")
        #expect(partial.status == 2 && !partial.error.contains("as the manifests want"), "\(partial)")
        #expect(partial.output.contains("containers and Podman networks were not compared"), "\(partial)")
        // Neither is it all that differs.
        daemon.diffReport.withLock { report in
            report = OfflineGoldenTests.differences
            report.unknown = ["the firewall was not compared: no answer"]
        }
        #expect(try await wgctl("diff").status == 2)
        daemon.diffReport.withLock { $0 = OfflineGoldenTests.differences }
        let differs = try await wgctl("diff", "-f", Self.example)
        #expect(differs.status == 1 && differs.output.contains("Plan: 5 to add"), "\(differs)")
        let asked = daemon.diffs.withLock { $0 }
        #expect(
            asked.map { $0.files?.map(\.path) } == [nil, nil, nil, ["host-a.yaml", "host-b.yaml", "overlay.yaml"]])
        #expect(asked.last?.files?.last?.contents == .text(try example("overlay.yaml")))
        let json = try await wgctl("diff", Self.example, "-o", "json")
        let printed = try #require(JSONValue(parsing: json.output))
        #expect(json.status == 1 && printed["changes"]?.items?.count == 7 && printed["summary"]?["replace"] == 3)
        let fields = try #require(printed["changes"]?.items?[2]["fields"]?.items)
        #expect(fields[1] == ["field": "env.TZ", "before": "Europe/Prague", "after": "Europe/Vienna"])
        let mistake = ManifestError(
            file: "a.yaml", position: .start, path: FieldPath(keys: "spec"), reason: "unknown field",
            remedy: "remove it")
        let refused = Finding(resource: nil, reason: Reason.invalid, error: mistake)
        // A manifest that is refused, of the daemon's own, is not compared either.
        daemon.diffReport.withLock { $0 = DiffReport(node: "host-a", findings: [refused]) }
        #expect(try await wgctl("diff").status == 2)
        #expect(try await wgctl("diff", Self.example + "/overlay.yaml").status == 2)
        #expect(try await wgctl("diff", "/nonexistent").status == 2)
    }
}
