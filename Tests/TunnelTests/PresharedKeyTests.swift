import Foundation
import TestSupport
import Testing

/// A secret for each pair, from one file a host.
@Suite(.serialized) struct PresharedKeyTests {
    @Test(arguments: WireGuardImplementation.preferred)
    func onlyHostsWithTheSameSecretReachEachOther(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            // Each host has its own file system below the same path.
            let overlay = fleet.overlay("net", interface: "wg0", port: 51820, subnet: "10.0.0.0/24")
            try fleet.save(
                "overlay.yaml",
                overlay.replacing("backend:", with: "presharedKeys: {file: /run/psk}, backend:"))
            let policy = """
                apiVersion: wgctl.dev/v1alpha1
                kind: HostPolicy
                spec: {containers: {secretFiles: [/run]}}

                """
            let secret = try shell("wg genpsk").trimmingCharacters(in: .whitespacesAndNewlines)
            let other = try shell("wg genpsk").trimmingCharacters(in: .whitespacesAndNewlines)
            for host in fleet.hosts {
                try Data(policy.utf8).write(to: URL(fileURLWithPath: "\(host.directory)/policy.yaml"))
                try await host.start()
            }
            // Without the file nothing is set up, and it is said why.
            for host in fleet.hosts {
                try await waitUntil("the missing file is told") {
                    let text = (try? await host.wgctl("get overlays -o json")) ?? ""
                    return text.contains("/run/psk does not exist: make it, owned by root and with mode 0600")
                }
                #expect(try await host.host.run("wg show wg0 peers") == "")
            }
            try await write(secret, on: near)
            try await write(other, on: far)
            for host in fleet.hosts {
                try await waitUntil("the peer has a key") { try await key(of: host)?.count == 44 }
                _ = try await host.settled()
            }
            #expect(try await key(of: near) != key(of: far))
            #expect((try? await near.host.run("ping -c3 -W1 10.0.0.2")) == nil)
            // The file changes, and the key with it.
            try await write(secret, on: far)
            try await near.reaches(far)
            let pair = try #require(try await key(of: near))
            #expect(try await key(of: far) == pair && pair != secret)

            // What somebody else did is undone.
            try await near.host.run("wg set wg0 peer \(far.publicKey) preshared-key /dev/null")
            try await waitUntil("the key is set again") { try await key(of: near) == pair }
            try await near.host.run("wg genpsk >/run/x; wg set wg0 peer \(far.publicKey) preshared-key /run/x")
            try await waitUntil("the key is set again") { try await key(of: near) == pair }
            try await near.reaches(far)

            // Once the file is gone, what stands stays, and nothing new comes.
            try await near.host.run("rm /run/psk")
            try await waitUntil("the loss is told") {
                (try? await near.wgctl("get overlays -o json").contains("/run/psk does not exist")) ?? false
            }
            _ = try await near.settled()
            let third = try shell("wg genkey | wg pubkey").trimmingCharacters(in: .whitespacesAndNewlines)
            try fleet.save(
                "third.yaml",
                fleet.node(
                    "third", key: third, endpoint: "198.18.9.2", overlays: "{name: net, addresses: [10.0.0.9]}"))
            try await waitUntil("the other host has the new peer") {
                try await far.host.run("wg show wg0 peers").contains(third)
            }
            _ = try await near.settled()
            #expect(try await near.host.run("wg show wg0 peers") == "\(far.publicKey)\n")
            #expect(try await key(of: near) == pair)
            try await near.reaches(far)
            try await write(secret, on: near)
            try await waitUntil("the new peer comes") {
                try await near.host.run("wg show wg0 peers").contains(third)
            }

            for host in fleet.hosts { try await tellsNothing(host, of: [secret, other, pair]) }
            // An overlay without the field has no keys.
            try fleet.save("overlay.yaml", overlay)
            for host in fleet.hosts {
                try await waitUntil("the keys are gone") { try await key(of: host) == "(none)" }
            }
            try await near.reaches(far)
        }
    }

    private func write(_ secret: String, on host: TunnelHost) async throws {
        try await host.host.run("umask 077; echo \(secret) >/run/psk.new; mv /run/psk.new /run/psk")
    }

    /// Of the first peer, as `wg` shows it.
    private func key(of host: TunnelHost) async throws -> String? {
        try await host.host.run("wg show wg0 preshared-keys 2>/dev/null || true").split(separator: "\n").first?
            .split(whereSeparator: \.isWhitespace).last.map(String.init)
    }

    /// Invariant I6: neither a secret nor a key, as base64 or hexadecimal, in any output, record or log.
    private func tellsNothing(_ host: TunnelHost, of secrets: [String]) async throws {
        var outputs = ""
        for command in [
            "get nodes,overlays,peers,routes,events -o yaml", "get overlays -o json", "describe overlay net",
            "status -o json", "diff", "plan \(host.manifests) --node \(host.node) -o json",
        ] { outputs += (try? await host.wgctl("\(command) 2>&1 || true")) ?? "" }
        outputs += try shell("cat \(host.directory)/state/state.db* \(host.directory)/wgd.log | tr -dc '[:print:]'")
        outputs += try await host.host.run(
            "cat /proc/\(try #require(try host.pid()))/cmdline /proc/\(try #require(try host.pid()))/environ | tr '\\0' ' '"
        )
        #expect(outputs.contains("preshared key"), "it is told that there are some")
        for secret in secrets {
            let hex = try #require(Data(base64Encoded: secret)).map { String(format: "%02x", $0) }.joined()
            let isTold = outputs.contains(secret) || outputs.lowercased().contains(hex)
            #expect(!isTold)
        }
    }
}
