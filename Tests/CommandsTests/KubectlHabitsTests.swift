import ControlAPI
import Foundation
import TestSupport
import Testing

@testable import Commands

/// What fingers that know kubectl type, against a real control server.
extension ProgramTests {
    @Test func habitsOfKubectl() async throws {
        try await withDaemon { _ in
            for words in [
                ["get", "no", "-ojson"], ["get", "nodes", "-oyaml"], ["get", "no", "-A", "-owide"],
                ["get", "nodes", "--selector", "site=a"], ["get", "nodes", "-lsite=a"], ["get", "po", "-A"],
                ["get", "no", "--show-labels"], ["get", "nodes", "--field-selector", "metadata.name=host-a"],
                ["get", "no/host-a", "container/pod-a"], ["get", "all"], ["get", "co", "host-a/pod-a"],
                ["describe", "no", "host-a"], ["describe", "pod/pod-a"], ["events", "-A"], ["status", "-ojson"],
            ] {
                let result = try await run(BuildProducts.wgctl, words)
                #expect(result.status == 0 && !result.output.isEmpty, "\(words): \(result)")
            }
            let labels = try await wgctl("get", "nodes", "host-a", "--show-labels")
            #expect(labels.output.contains("LABELS") && labels.output.contains("site=a"))
            let named = try await wgctl("get", "all", "-oname")
            for name in named.output.split(separator: "\n") {
                let one = try await wgctl("get", String(name), "-oname")
                #expect(one.output == "\(name)\n", "a name can be given back")
            }
        }
    }

    @Test func sortedAsColumnsAndByTemplate() async throws {
        try await withDaemon { _ in
            let sorted = try await wgctl("get", "co", "--sort-by", ".spec.node", "--no-headers")
            #expect(sorted.output.hasPrefix("pod-a"), "\(sorted)")
            let backwards = try await wgctl("get", "co", "--sort-by={.metadata.labels.app}", "-oname")
            #expect(backwards.output == "container/host-b/pod-b\ncontainer/host-a/pod-a\n", "db, web: \(backwards)")
            let path = try await wgctl("get", "node", "host-a", "-o", "jsonpath={.spec.endpoint}")
            #expect(path.output == "192.168.1.10", "\(path)")
            let columns = try await wgctl("get", "co", "-o", "custom-columns=NAME:.metadata.name,ON:.spec.node")
            #expect(columns.output == "NAME    ON\npod-a   host-a\npod-b   host-b\n", "\(columns)")
            for words in [
                ["--sort-by", "{.a"], ["-o", "jsonpath={.a"], ["-o", "table"], ["-o", "custom-columns=A"],
            ] {
                let result = try await run(BuildProducts.wgctl, ["get", "nodes"] + words)
                #expect(result.status != 0 && result.error.contains("error: "), "\(words): \(result)")
            }
        }
    }

    @Test func waitEndsWhenTheConditionIsThere() async throws {
        try await withDaemon { daemon in
            #expect(try await wgctl("wait", "node/host-a", "--for=condition=Ready").status == 0)
            let late = try await wgctl("wait", "node/host-b", "--for", "condition=ready", "--timeout", "0s")
            #expect(
                late.status == 1 && late.error.contains("node/host-b is Ready=False (NoReply), not True"), "\(late)")
            #expect(try await wgctl("wait", "node/host-x", "--for=condition=Ready").status == 1)
            #expect(try await wgctl("wait", "node/host-x", "--for=delete").status == 0)
            async let waiting = wgctl("wait", "container/pod-b", "--for=delete", "--timeout=60s")
            try await daemon.waitForWatcher()
            daemon.change { report in report.containers.removeAll { $0.name == "pod-b" } }
            #expect(try await waiting.status == 0)
        }
    }

    @Test func logsAndExecAreForContainersOfThisHost() async throws {
        try await withDaemon { _ in
            let directory = temporaryPath("podman")
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let podman = directory + "/podman"
            try Data(
                "#!/bin/sh\ngrep -q \"^SigBlk:.*0000000000000000$\" /proc/self/status || echo blocked\necho \"$@\"\nexit 7\n"
                    .utf8
            ).write(to: URL(fileURLWithPath: podman))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: podman)
            let path = ["PATH": directory + ":/usr/bin:/bin"]
            let logs = try await wgctl("logs", "-f", "--tail", "5", "pod-a", environment: path)
            #expect(logs.output == "logs --follow --tail 5 pod-a\n" && logs.status == 7, "\(logs)")
            let exec = try await wgctl("exec", "-it", "host-a/pod-a", "--", "ls", "-l", environment: path)
            #expect(exec.output == "exec --interactive --tty pod-a ls -l\n" && exec.status == 7, "\(exec)")
            let other = try await wgctl("exec", "-it", "pod-b", "--", "ls", environment: path)
            #expect(
                other.error.contains("container pod-b is on host-b: run there: wgctl exec -it pod-b -- ls")
                    && other.status == 1, "\(other)")
            let quoted = try await wgctl("exec", "pod-b", "--", "sh", "-c", "rm 'a b'", environment: path)
            #expect(quoted.error.contains(#"run there: wgctl exec pod-b -- sh -c 'rm '\''a b'\''"#), "\(quoted)")
            #expect(try await wgctl("exec", "pod-a,x", "--", "ls", environment: path).error.contains("not found"))
            #expect(try await wgctl("logs", "nothing", environment: path).error.contains("not found"))
        }
    }
}
