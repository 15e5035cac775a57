import Foundation
import TestSupport
import Testing

/// The private key of a host is in its key file, and nowhere else.
extension EndToEnd {
    @Suite(.lab("secrets", of: "two-hosts", grace: 1)) struct SecretTests {
        private static let keyFile = "/var/lib/wgctl/keys/node.key"
        /// On the host's own /run, so that the key is in no command line of this test either.
        private static let patterns = """
            umask 077; cat \(keyFile) > /run/patterns; echo >> /run/patterns
            base64 -d \(keyFile) | od -An -v -tx1 | tr -d ' \\n' >> /run/patterns; echo >> /run/patterns
            sed -i '/^$/d' /run/patterns; grep -c . /run/patterns
            """

        @Test(arguments: ["host-a", "host-b"])
        func thePrivateKeyIsNowhereElse(_ host: String) async throws {
            let lab = try lab()
            try await lab.ready(host)
            // Everything that could tell it has had its chance: a failure, drift, a restart, a trace-level log.
            try await lab.must(host, "ip", "link", "del", "wg0")
            try await lab.ready(host)
            try await traced(host)
            #expect(try await lab.shell(host, Self.patterns) == "2\n")
            try await lab.shell(
                host,
                """
                mkdir -p /run/outputs; cd /run/outputs
                for kind in nodes overlays gateways containers peers routes events; do
                    for format in yaml json wide; do wgctl get $kind -o $format > $kind.$format 2>&1; done
                done
                wgctl describe node \(host) > describe 2>&1; wgctl describe overlay overlay-net >> describe 2>&1
                wgctl status -o yaml > status; wgctl key show > key; ip -d link > links
                podman inspect $(podman ps -aq) > inspect
                """)
            let logs = try await Program.run([BuildProducts.wgctl, "lab", "logs", "--name", lab.name, host])
            #expect(logs.isSuccess && logs.output.contains("serves node"))
            let key = try await lab.must(host, "head", "-1", "/run/patterns").trimmingCharacters(in: .newlines)
            let hex = try await lab.must(host, "tail", "-1", "/run/patterns").trimmingCharacters(in: .newlines)
            #expect(hex.count == 64 && key.count == 44)
            #expect(!logs.output.contains(key) && !logs.output.lowercased().contains(hex))

            let found = try await lab.shell(
                host,
                """
                rm -f /run/found; cd /
                grep -rlaiF -f /run/patterns /var/lib/wgctl /run/outputs /run/trace.log /run/wgctl /etc/containers \
                    /proc/[0-9]*/cmdline /proc/[0-9]*/environ > /run/found 2> /dev/null || true
                sort /run/found
                """)
            // The search does find it where it belongs.
            #expect(found == Self.keyFile + "\n")
            #expect(try await lab.must(host, "stat", "-c", "%a %U", Self.keyFile) == "600 root\n")
            #expect(try await lab.must(host, "wc", "-c", "/var/lib/wgctl/state.db") != "0")
        }

        /// A while under the most talkative log.
        private func traced(_ host: String) async throws {
            let lab = try lab()
            let daemon = try await lab.daemon(host)
            let arguments = try await lab.shell(host, "tr '\\0' ' ' < /proc/\(daemon)/cmdline")
            try await lab.shell(host, "kill \(daemon); while test -e /proc/\(daemon); do sleep 0.05; done")
            try await lab.background(host, "exec \(arguments) --log-level trace > /run/trace.log 2>&1")
            try await lab.ready(host)
            try await lab.must(host, "ip", "link", "del", "wg0")
            try await lab.ready(host)
            try await lab.shell(
                host, "p=$(cat /var/lib/wgctl/wgd.lock); kill $p; while test -e /proc/$p; do sleep 0.05; done")
            try await lab.startDaemon(host)
            try await lab.ready(host)
        }
    }
}
