import Foundation
import Testing

/// A reconcile of an unchanged world writes nothing, as three witnesses say: the kernel's own notifications, the
/// system calls of the daemon, and its counters.
extension EndToEnd {
    @Suite(.lab("zero", of: "two-hosts", grace: 1)) struct ZeroWritesTests {
        @Test func aResyncOfASettledHostWritesNothing() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.settled("host-a")
            // The kernel's own duplicate address detection ends with a notification, which is nobody's write.
            try await lab.eventually("host-a", ["ip", "-6", "addr", "show", "tentative"]) { $0.isEmpty }
            let before = try await lab.allWrites("host-a")
            let reconciles = try await lab.reconciles("host-a")
            let daemon = try await lab.daemon("host-a")

            let monitor = try lab.start(
                "host-a", ["timeout", "-s", "KILL", "6", "ip", "monitor", "link", "address", "route", "netconf"])
            let trace = try lab.start(
                "host-a",
                [
                    "timeout", "-s", "KILL", "5", "strace", "-f", "-qq", "-e", "signal=none", "-s", "64", "-e",
                    "trace=\(Self.calls)", "-o", "/run/trace", "-p", daemon,
                ])
            try await lab.eventually("host-a", ["cat", "/proc/\(daemon)/status"]) {
                !$0.contains("TracerPid:\t0\n")
            }
            try await lab.must("host-a", "wgctl", "resync")
            try await lab.eventually("host-a", ["cat", "/run/trace"], seconds: 4) { text in
                text.contains("RTM_GETLINK") && text.contains("get=1") && text.contains("containers/json")
            }
            // The witness is awake: an address of nobody's business is seen by it.
            try await Task.sleep(for: .seconds(1))
            try await lab.shell("host-a", "ip addr add 127.7.7.7/32 dev lo; ip addr del 127.7.7.7/32 dev lo")
            _ = try await trace.finish(seconds: 20)
            let notified = try await monitor.finish(seconds: 20).lines.filter { !$0.contains("valid_lft") }

            #expect(notified.contains { $0.contains("127.7.7.7") }, "the monitor saw nothing at all")
            #expect(notified.filter { !$0.contains("127.7.7.7") } == [])
            let calls = try await lab.must("host-a", "cat", "/run/trace").split(separator: "\n").map(String.init)
            #expect(calls.filter { !Self.isHarmless($0) } == [])
            #expect(try await lab.allWrites("host-a") == before)
            #expect(try await lab.reconciles("host-a") >= reconciles + 2)
        }

        /// Whatever can change a host.
        private static let calls = [
            "sendto", "sendmsg", "sendmmsg", "write", "writev", "pwrite64", "pwritev", "openat", "openat2", "creat",
            "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "ftruncate", "execve",
        ].joined(separator: ",")

        /// What a daemon that only looks may do. Everything else in the trace is a write.
        private static func isHarmless(_ call: String) -> Bool {
            let body = call.drop { $0 != " " }.drop { $0 == " " }
            let isWakeUp = body.hasPrefix("write(") && body.contains(#""\1\0\0\0\0\0\0\0", 8"#)
            let isLook =
                body.contains("nlmsg_type=RTM_GET") || body.contains("NFT_MSG_GETGEN") || body.contains(#""get=1"#)
                || body.contains(#""GET /"#)
            // The heartbeat, counted apart; and what wgctl is answered.
            let isRecord = body.hasPrefix("pwrite64(")
            let isAnswer = body.contains(#""HTTP/1.1 2"#)
            let opensToRead =
                body.hasPrefix("openat") && !body.contains("O_WRONLY") && !body.contains("O_RDWR")
                && !body.contains("O_CREAT")
            return isWakeUp || isLook || isRecord || isAnswer || opensToRead || body.hasPrefix("<...")
        }
    }
}
