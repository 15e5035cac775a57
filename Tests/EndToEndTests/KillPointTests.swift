import Foundation
import Testing

/// Fault 12 and invariant I4: killed between any two steps on the way up from nothing, the next start ends where an
/// undisturbed one does.
extension EndToEnd {
    @Suite(.labWithoutDaemons("kill-points", of: "two-hosts", grace: 0)) struct KillPointTests {
        @Test func killedBetweenAnyTwoStepsTheNextStartConverges() async throws {
            let lab = try lab()
            // A peer makes routes and allowed IPs; that it never answers does not matter.
            for (host, file) in [("host-a", "host-a.yaml"), ("host-b", "host-b.yaml")] {
                let directory = Laboratory.stateDirectory
                try await lab.shell(
                    host, "mkdir -m 700 -p \(directory)/keys; umask 077; wg genkey >\(directory)/keys/node.key")
                let key = try await lab.shell(host, "wg pubkey <\(directory)/keys/node.key").trimmingCharacters(
                    in: .newlines)
                let text = try lab.read(file)
                try lab.save(file, text.replacing("\nspec:\n", with: "\nspec:\n  publicKey: \(key)\n"))
            }
            // A host each for the odd and the even boundaries.
            async let odd = kill("host-a", container: "pod-a", from: 1)
            async let even = kill("host-b", container: "pod-b", from: 2)
            let boundaries = try await max(odd, even)
            #expect(boundaries > 30, "a converge from nothing has more steps than \(boundaries)")
        }

        /// Kills at every second boundary, from nothing each time.
        ///
        /// - Returns: the first boundary that a converge does not reach.
        private func kill(_ host: String, container: String, from first: Int) async throws -> Int {
            let lab = try lab()
            try await lab.startOwnDaemon(host)
            let wanted = try await state(lab, host, container)
            for boundary in stride(from: first, through: 1000, by: 2) {
                try await fromNothing(lab, host)
                try await lab.launchOwnDaemon(host, under: "env WGD_KILL_AT=\(boundary) ")
                guard try await dies(lab, host, container) else { return boundary }
                try await lab.startOwnDaemon(host)
                let reached = try await state(lab, host, container)
                #expect(reached == wanted, "\(host) killed at boundary \(boundary)")
            }
            return 1000
        }

        /// Everything is ours that `wgctl down` takes away, also what a killed daemon made.
        private func fromNothing(_ lab: Laboratory, _ host: String) async throws {
            try await lab.must(host, "wgctl", "down")
            try await lab.eventually(host, ["sh", "-c", "! ps -eo args | grep -q '^wg[d] '"])
            let rest = try await lab.must(
                host, "sh", "-c",
                "ip -o link show | grep -c wg0; ip route show proto 87; podman ps -aq; nft list tables | grep wgctl; true"
            )
            #expect(rest == "0\n", "\(rest)")
        }

        /// What the host is once it is ready, without what differs from start to start.
        private func state(_ lab: Laboratory, _ host: String, _ container: String) async throws -> String {
            try await lab.eventually(host, ["sh", "-c", Self.isConverged(container)])
            return try await lab.must(
                host, "sh", "-c",
                """
                ip -o link show | grep wg0 | sed 's/^[0-9]*: //; s/@if[0-9]*//; s/link-netnsid [0-9]*//; s/link\\/.*//' | sort
                ip -o addr show | grep wg0 | grep -v fe80 | sed 's/^[0-9]*: //' | sort
                ip route show proto 87
                sysctl net.ipv4.ip_forward net.ipv4.conf.br-wg0.proxy_arp net.ipv4.neigh.br-wg0.proxy_delay
                nft list table inet wgctl
                wg show wg0 allowed-ips; wg show wg0 listen-port
                podman ps -a --format '{{.Names}} {{.Networks}}'; podman network ls --format '{{.Name}}'
                """)
        }

        /// Succeeds when the container runs and a look at everything finds nothing to do.
        private static func isConverged(_ container: String) -> String {
            "podman exec \(container) true && wgctl get containers | grep -q Running && wgctl diff"
        }

        /// Whether the daemon has been killed; false once it has nothing more to do.
        private func dies(_ lab: Laboratory, _ host: String, _ container: String) async throws -> Bool {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                let alive = try await lab.exec(host, ["sh", "-c", "kill -0 $(cat /run/wgd.pid)"])
                if !alive.isSuccess { return true }
                if try await lab.exec(host, ["sh", "-c", Self.isConverged(container)]).isSuccess { return false }
            }
            Issue.record("\(host) neither dies nor becomes ready")
            return false
        }
    }
}
