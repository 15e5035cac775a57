import ControlAPI
import Foundation
import Glibc
import JSON
import NetAddress
import Records
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing

/// The built `wgctl` itself: against a real control server, and against a real database when there is none.
@Suite struct ProgramTests {
    private let directory = temporaryPath("program")
    private var socket: String { directory + "/wgd.sock" }
    private var state: String { directory + "/lib/state.db" }

    func wgctl(
        _ arguments: String..., onTerminal: Bool = false, environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        let path = BuildProducts.wgctl
        guard onTerminal else { return try await run(path, arguments, environment: environment) }
        let line = ([path] + arguments).joined(separator: " ")
        return try await run("/usr/bin/script", ["-qec", line, "/dev/null"], environment: environment)
    }

    /// The server runs on the cooperative pool, which must not wait for its own client: hence a thread.
    func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        let search = BuildProducts.directory + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let fixed = [
            "WGCTL_SOCKET": socket, "WGCTL_STATE": state, "NO_COLOR": "", "TERM": "xterm", "PATH": search,
        ]
        let own = fixed.merging(environment) { _, new in new }
        return try await onThread { try runProgram(path, arguments, environment: own) }
    }

    func withDaemon(_ body: (DaemonDouble) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let daemon = DaemonDouble(try fleet(), events: fleetEvents())
        let (listening, ready) = AsyncStream<Void>.makeStream()
        let server = Task { [socket] in
            try await ControlServer(socketPath: socket, provider: daemon).run { ready.finish() }
        }
        for await _ in listening {}
        let result: Result<Void, any Error>
        do { result = .success(try await body(daemon)) } catch { result = .failure(error) }
        server.cancel()
        try await server.value
        try result.get()
    }

    @Test func getAsksTheDaemon() async throws {
        try await withDaemon { _ in
            let result = try await wgctl("get", "nodes,containers")
            #expect(result.status == 0)
            #expect(result.output.hasPrefix("NAME          READY   STATUS"))
            #expect(result.output.contains("\n\nNAME              NODE     READY"))
            #expect(!result.output.contains("\u{1b}"))
            #expect(result.error.contains("warning: node/host-c: c.yaml:7:3: spec.lisenPort: unknown field"))
            let json = try await wgctl("get", "node", "host-a", "-o", "json")
            #expect(JSONValue(parsing: json.output)?["metadata"]?["name"]?.text == "host-a")
        }
    }

    /// What bash offers after TAB.
    @Test(arguments: [
        ("get ", "nodes"), ("get nodes ", "host-b"), ("describe pod/", "pod/pod-a"), ("get -w peers ", "host-b"),
        ("check ", "host-b"), ("check --from ", "pod-a"), ("explain ", "overlay"),
        ("explain node.spec.", "node.spec.endpoint"),
    ])
    func completionKnowsKindsAndNames(_ line: String, _ expected: String) async throws {
        try await withDaemon { _ in
            let script = """
                source <(wgctl completion bash)
                COMP_LINE="wgctl \(line)"
                COMP_POINT=${#COMP_LINE}
                IFS=' ' read -r -a COMP_WORDS <<< "$COMP_LINE"
                [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _wgctl wgctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let result = try await run("/bin/bash", ["--norc", "-c", script])
            #expect(result.output.split(separator: "\n").contains { $0 == expected }, "\(result)")
        }
    }

    /// `script` (util-linux) gives the program a terminal.
    @Test func colourOnATerminalOnly() async throws {
        try await withDaemon { _ in
            let onTerminal = try await wgctl("get", "nodes", onTerminal: true)
            #expect(onTerminal.output.contains("\u{1b}[32mTrue\u{1b}[0m"))
            for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
                let plain = try await wgctl("get", "nodes", onTerminal: true, environment: environment)
                #expect(plain.output.contains("True") && !plain.output.contains("\u{1b}"))
            }
        }
    }

    @Test func exitStatuses() async throws {
        try await withDaemon { _ in
            let missing = try await wgctl("get", "node", "host-x", "host-a")
            #expect(missing.status == 1)
            #expect(missing.error.contains("error: node \"host-x\" not found"))
            #expect(missing.output.contains("host-a"))
            for arguments in [["get", "things"], ["describe", "nodes", "x"], ["get", "nodes", "-l", "a=b=c"]] {
                let result = try await wgctl(arguments[0], arguments[1], arguments.last ?? "")
                #expect(result.status == 1, "\(arguments)")
            }
            let usage = try await wgctl("get", "nodes", "--no-such-flag")
            #expect(usage.status == 64)
        }
        for command in ["down", "resync"] {
            let result = try await wgctl(command)
            #expect(result.status == 3)
            #expect(result.error.hasPrefix("error: cannot reach wgd at "))
        }
        let nothing = try await wgctl("get", "nodes")
        #expect(nothing.status == 3)
        #expect(nothing.error.contains("no state database at \(state)"))
    }

    @Test func downWithoutADaemonNeedsRoot() async throws {
        try #require(geteuid() == 0, "run the tests as root")
        // A copy that nobody may run: the build directory need not be open to others.
        let copy = temporaryPath("down")
        try FileManager.default.copyItem(atPath: BuildProducts.wgctl, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        chmod(copy, 0o755)
        let result = try await run(
            "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", copy, "down"])
        #expect(result.status == 1)
        #expect(result.error.contains("cannot reach wgd at ") && result.error.contains("needs root"), "\(result)")
    }

    @Test func otherCommandsReachTheDaemon() async throws {
        try await withDaemon { daemon in
            let key = try await wgctl("key", "show")
            #expect(key.output == "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n")
            let down = try await wgctl("down")
            #expect(down.output == "container/pod-a\n")
            let resync = try await wgctl("resync")
            #expect(resync.status == 0 && daemon.resyncs == 1)
            let events = try await wgctl("events", "--for", "nodes/host-b", "-o", "name")
            #expect(events.output == "event/node/host-b\n")
            let describe = try await wgctl("describe", "container/pod-a")
            #expect(describe.output.contains("Created"))
            let version = try await wgctl("version")
            #expect(version.output == "wgctl \(ProgramVersion.current)\nwgd   0.1.0\n")
            let status = try await wgctl("status")
            #expect(status.output.contains("kernel     9        0"))
        }
    }

    /// Loopback answers, and carries what it promises.
    @Test func checkProbesWhatTheDaemonNames() async throws {
        try #require(geteuid() == 0, "run the tests as root")
        try await withDaemon { daemon in
            let none = try await wgctl("check")
            #expect(none.status == 0 && none.output.hasPrefix("No paths"), "\(none)")
            try daemon.pathList.withLock { list in
                list.overlays = [
                    .init(name: "net", interface: "wg0", listenPort: 51820, addresses: [try address("127.0.0.1")])
                ]
                list.peers = [.init(node: "host-b", overlay: "net", addresses: [try address("127.0.0.2")])]
            }
            daemon.answersTraffic(TrafficReport.Peer(node: "host-b", overlay: "net", interface: "wg0"))
            let good = try await wgctl("check", "host-b")
            #expect(good.status == 0 && good.output.contains("1 path: 1 OK, 0 not."), "\(good)")
            // Nobody has the address of documentation networks, and loopback leads nowhere else.
            try daemon.pathList.withLock { $0.peers[0].addresses.append(try address("192.0.2.1")) }
            let bad = try await wgctl("check", "-o", "json", "--timeout", "0.1")
            #expect(bad.status == 1, "\(bad)")
            let paths = JSONValue(parsing: bad.output)?["paths"]?.items ?? []
            #expect(paths.first?["result"]?.text == "OK")
            #expect(["NoHandshake", "NotSent"].contains(paths.last?["result"]?.text), "\(bad)")
            let unknown = try await wgctl("check", "host-x")
            #expect(unknown.status == 2 && unknown.error.contains("no other node called \"host-x\""))
            let wrong = try await wgctl("check", "--count", "0")
            #expect(wrong.status == 64)
        }
        let noDaemon = try await wgctl("check")
        #expect(noDaemon.status == 2 && noDaemon.error.hasPrefix("error: cannot reach wgd at "))
    }

    @Test func topShowsWhatWentThroughSinceTheLastReading() async throws {
        try await withDaemon { daemon in
            func play(_ counts: [UInt64]) {
                daemon.traffics.withLock { traffics in
                    traffics = counts.enumerated().map { index, count in
                        TopTests.reading(at: Double(index), [("host-b", count, 0)])
                    }
                }
            }
            play([0, 2048])
            let once = try await wgctl("top", "--once")
            #expect(once.status == 0 && once.output.hasPrefix("host-a: 1 peer, RX 2KiB/s, TX 0B/s, "), "\(once)")
            play([0, 1024, 4096])
            let twice = try await wgctl("top", "-b", "-n", "2", "-o", "json")
            let rates = twice.output.split(separator: "\n").filter { $0.contains("receivedPerSecond") }
            #expect(rates.count == 2 && rates[0].contains("1024") && rates[1].contains("3072"), "\(twice)")
            play([0, 1024])
            let drawn = try await wgctl("top", "-n", "1", onTerminal: true)
            #expect(drawn.output.hasPrefix("\u{1b}[2J\u{1b}[Hhost-a: 1 peer, "), "\(drawn)")
            #expect(try await wgctl("top", "--interval", "0.5").status == 64)
        }
        #expect(try await wgctl("top").status == 3)
    }

    @Test func adoptWaitsUntilTheOtherNodeIsServed() async throws {
        try await withDaemon { daemon in
            let refused = try await wgctl("adopt", "--from", "host-x")
            #expect(refused.status == 1 && refused.error.contains("error: not what this host serves"))
            let adopting = Task { try await wgctl("adopt", "--from", "host-a", "--to", "host-new") }
            while daemon.adoptions == 0 { try await Task.sleep(for: .milliseconds(5)) }
            daemon.change { $0.node = "host-new" }
            let adopted = try await adopting.value
            #expect(adopted.status == 0, "\(adopted)")
            #expect(adopted.error.contains("this host serves node/host-new, with what node/host-a had"))
        }
        #expect(try await wgctl("adopt", "--from", "host-a").status == 3)
    }

    @Test func pruneShowsWhatIsHeldAndConfirmsJustThat() async throws {
        try await withDaemon { daemon in
            let nothing = try await wgctl("prune")
            #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.error == "nothing is held\n")
            daemon.held.withLock { held in
                held = HeldDeletions(
                    reasons: ["Node/host-a, which is this host, would be deleted"],
                    deletions: [
                        Deletion(ResourceKey(.node, "host-a")),
                        Deletion(ResourceKey(.node, "host-a"), container: "pod-a"),
                    ])
            }
            let shown = try await wgctl("prune")
            #expect(shown.status == 1)
            #expect(
                shown.output == """
                    held: Node/host-a, which is this host, would be deleted

                      - Node/host-a
                      - container pod-a of Node/host-a

                    restore them in the manifests, or delete them: wgctl prune --confirm

                    """)
            #expect(shown.error.isEmpty)
            #expect(await !daemon.heldDeletions().isEmpty, "only --confirm lets go")
            let json = try await wgctl("prune", "-o", "json")
            #expect(
                json.output.contains("\"container\" : \"pod-a\"") || json.output.contains("\"container\": \"pod-a\""))
            let confirmed = try await wgctl("prune", "--confirm")
            #expect(confirmed.status == 0 && confirmed.error == "2 deletions confirmed\n", "\(confirmed)")
            #expect(await daemon.heldDeletions().isEmpty)
        }
        #expect(try await wgctl("prune").status == 3)
    }

    @Test func withoutADaemonTheRecordedStateIsShown() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            let records = try Records(path: state)
            try await records.save(report: try fleet().recordedText())
            try await records.heartbeat(at: Date().addingTimeInterval(-3600 * 5))
            for event in fleetEvents() { try await records.record(event) }
        }
        let result = try await wgctl("get", "nodes")
        #expect(result.status == 0)
        #expect(result.error.hasPrefix("wgd has not been running for 5h (last seen 20"))
        #expect(result.error.contains("; showing the last recorded state\n"))
        #expect(result.output.contains("host-b   False   NoReply"))
        let events = try await wgctl("events")
        #expect(events.output.contains("route 10.0.0.20/32 was gone"))
        let key = try await wgctl("key", "show")
        #expect(key.output == "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n" && key.status == 0)
        // The key file is truer than the record, where there is one; what is wrong with it is said.
        let keys = directory + "/lib/keys"
        try FileManager.default.createDirectory(
            atPath: keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let own = Data(repeating: 0x40, count: 32).base64EncodedString() + "\n"
        _ = FileManager.default.createFile(
            atPath: keys + "/node.key", contents: Data(own.utf8), attributes: [.posixPermissions: 0o600])
        let read = try await wgctl("key", "show")
        #expect(read.status == 0 && read.output.count == 45 && read.output != key.output)
        #expect(!read.output.contains(own) && !read.error.contains("recorded"))
        chmod(keys + "/node.key", 0o644)
        let wide = try await wgctl("key", "show")
        #expect(wide.output == key.output && wide.error.contains("warning: ") && wide.error.contains("node.key"))
        let watch = try await wgctl("get", "nodes", "-w")
        #expect(watch.status == 3)
    }

    @Test func watchEndsWithTheDaemonAndHelpHasExamples() async throws {
        try await withDaemon { daemon in
            async let watch = wgctl("get", "containers", "-w")
            try await daemon.waitForWatcher()
            daemon.change { $0.containers[0].image = "docker.io/library/alpine:3.21" }
            daemon.end()
            let result = try await watch
            #expect(result.status == 3)
            #expect(result.output.split(separator: "\n").map { $0.prefix(5) } == ["NAME ", "pod-a", "pod-b", "pod-b"])
        }
        for command in [
            "get", "describe", "events", "status", "key", "resync", "down", "version", "completion", "validate",
            "explain", "plan", "render", "diff",
        ] {
            let help = try await wgctl(command, "--help")
            #expect(help.status == 0 && help.output.contains("EXAMPLES:"), "\(command)")
        }
        for shell in ["bash", "zsh", "fish"] {
            let script = try await wgctl("completion", shell)
            #expect(script.status == 0 && script.output.contains("describe"), "\(shell)")
        }
    }
}
