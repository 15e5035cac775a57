import HostPolicy
import HostState
import Manifest
import NetAddress
import ReferenceLiterals
import Resources
import TestSupport
import Testing

/// Documents against policies: what is held, where it stands, and what to do about it.
@Suite struct JudgementTests {
    private static let cases: [(String, policy: String, Fleet)] = [
        ("a plain container", "{}", .containers("image: alpine")),
        (
            "everything that Baseline refuses", "{}",
            .containers(
                "image: alpine, securityContext: {privileged: true}",
                "image: alpine, securityContext: {capabilities: {add: [NET_ADMIN, CHOWN, ALL]}}",
                "image: alpine, volumes: [{volume: v, mountPath: /v}, {hostPath: /etc, mountPath: /e}]",
                "image: alpine, ports: [{containerPort: 80}, {containerPort: 81, hostPort: 8081}]",
                "image: alpine, env: [{name: K, valueFrom: {file: /var/lib/wgctl/keys/node.key}}]")
        ),
        (
            "Privileged refuses none of it", "{containers: {level: Privileged}}",
            .containers(
                "image: alpine, securityContext: {privileged: true, capabilities: {add: [ALL]}}",
                "image: alpine, volumes: [{hostPath: /, mountPath: /e}], ports: [{containerPort: 81, hostPort: 8081}]",
                "image: alpine, env: [{name: K, valueFrom: {file: /root/key}}]")
        ),
        (
            "each is allowed by its field",
            """
            {containers: {privileged: true, capabilities: [NET_ADMIN], hostPaths: [{pathPrefix: /srv/web}],
                          hostPorts: [{min: 8080, max: 8081}], secretFiles: [/run/secrets]}}
            """,
            .containers(
                "image: alpine, securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}",
                "image: alpine, volumes: [{hostPath: /srv/web/, mountPath: /e}, {hostPath: /srv//web/./x, mountPath: /f}]",
                "image: alpine, ports: [{containerPort: 81, hostPort: 8081}, {containerPort: 80, hostPort: 8080}]",
                "image: alpine, env: [{name: K, valueFrom: {file: /run/secrets/k}}]")
        ),
        (
            "ALL allows any capability", "{containers: {capabilities: [ALL]}}",
            .containers(
                "image: alpine, securityContext: {capabilities: {add: [ALL, SYS_ADMIN]}}")
        ),
        (
            "the edges of what is allowed",
            """
            {containers: {capabilities: [SYS_TIME], hostPaths: [{pathPrefix: /srv/web}, {pathPrefix: /srv/ro, readOnly: true}],
                          hostPorts: [{min: 8080, max: 8081}], secretFiles: []}}
            """,
            .containers(
                "image: alpine, securityContext: {capabilities: {add: [SYS_TIME, SYS_ADMIN]}}",
                "image: alpine, volumes: [{hostPath: /srv, mountPath: /a}, {hostPath: /srv/website, mountPath: /b}]",
                "image: alpine, volumes: [{hostPath: /srv/web/../../etc, mountPath: /a}]",
                "image: alpine, volumes: [{hostPath: /srv/ro/x, mountPath: /a}, {hostPath: /srv/ro, mountPath: /b, readOnly: true}]",
                "image: alpine, ports: [{containerPort: 1, hostPort: 8079}, {containerPort: 2, hostPort: 8082}]",
                "image: alpine, env: [{name: K, valueFrom: {file: /etc/wgctl/secrets/k}}]")
        ),
        (
            "secrets lie in their directory", "{}",
            .containers(
                "image: alpine, env: [{name: A, valueFrom: {file: /etc/wgctl/secrets/a}}]",
                "image: alpine, env: [{name: B, valueFrom: {file: /etc/wgctl/secrets/../../shadow}}]",
                "image: alpine, env: [{name: C, valueFrom: {podmanSecret: c}}]")
        ),
        (
            "registries go by whole components",
            "{containers: {level: Privileged, registries: [docker.io/library/, registry.example.org, \"localhost:5000/a\"]}}",
            .containers(
                "image: docker.io/library/alpine:3.20", "image: docker.io/alpine",
                "image: index.docker.io/library/alpine@sha256:\(String(repeating: "0", count: 64))",
                "image: registry.example.org/team/x:1",
                "image: \"localhost:5000/a/b:1\"", "image: docker.io/evil/alpine", "image: docker.io/library2/alpine",
                "image: registry.example.org.evil.net/x", "image: \"registry.example.org:444/x\"",
                "image: \"localhost:5000/ab\"", "image: alpine:3.20", "image: evil/alpine")
        ),
        ("subnets inside", "{overlays: {cidrs: [10.0.0.0/8]}}", Fleet()),
        (
            "a subnet outside holds the overlay and its containers", "{overlays: {cidrs: [10.0.0.0/25, \"fd00::/8\"]}}",
            .containers("image: alpine")
        ),
        ("preshared keys from where secrets lie", "{}", Fleet(secret: "/etc/wgctl/secrets/net")),
        ("preshared keys from elsewhere hold the overlay", "{}", Fleet(secret: "/var/lib/wgctl/keys/node.key")),
        (
            "no preshared keys at all", "{containers: {secretFiles: []}}", Fleet(secret: "/etc/wgctl/secrets/net")
        ),
        (
            "Privileged takes preshared keys from anywhere", "{containers: {level: Privileged}}",
            Fleet(secret: "/root/net")
        ),
        (
            "a route of another node outside", "{overlays: {cidrs: [10.0.0.0/8, 192.168.50.0/24]}}",
            Fleet(routesOfB: "[192.168.50.0/25, 192.168.51.0/24]")
        ),
        (
            "a pin that differs", "{nodes: {publicKeys: [{node: host-b, publicKey: \(Fleet.keyC)}]}}", Fleet()
        ),
        (
            "a pinned key on another node", "{nodes: {publicKeys: [{node: host-c, publicKey: \(Fleet.keyB)}]}}",
            Fleet()
        ),
        (
            "a pin that agrees", "{nodes: {publicKeys: [{node: host-b, publicKey: \(Fleet.keyB)}]}}", Fleet()
        ),
        ("no Overlays", "{kinds: [Node]}", .containers("image: alpine")),
        ("no Nodes", "{kinds: [Overlay]}", .containers("image: alpine")),
        ("no Gateways", "{kinds: [Node, Overlay]}", .containers("image: alpine")),
        (
            "a drained host", "{}",
            Fleet(
                hostA: """
                      unschedulable: true
                      containers: [{name: c, image: alpine, securityContext: {privileged: true}}]
                    """)
        ),
    ]

    @Test func everyCase() throws {
        var text = ""
        for (name, policyText, fleet) in JudgementTests.cases {
            let (accepted, acceptor) = try fleet.accepted()
            let judgement = try policy(policyText).judge(accepted.live, node: "host-a")
            text += "\(name)\n"
            for (object, violations) in judgement.violations.sorted(by: { $0.key < $1.key }) {
                text += "  \(object)\n"
                for violation in violations {
                    let error = acceptor.error(
                        at: violation.path, of: violation.resource, in: accepted, violation.reason,
                        remedy: violation.remedy)
                    text += "    \(error)\n"
                }
            }
            let frozen = judgement.frozen
            for (what, names) in [
                ("containers", frozen.containers), ("overlays", frozen.overlays),
                ("routes", frozen.routes.map(\.description)),
            ] where !names.isEmpty {
                text += "  frozen \(what): \(names.joined(separator: ", "))\n"
            }
        }
        try expectGolden(text, "Golden/judgements.txt")
    }

    /// kubernetes.io/docs/concepts/security/pod-security-standards, "Baseline", "Capabilities".
    @Test func baselineAllowsItsThirteenCapabilities() throws {
        let allowed = """
            AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP,
            SETUID, SYS_CHROOT
            """
        let fleet = Fleet.containers("image: alpine, securityContext: {capabilities: {add: [\(allowed)]}}")
        #expect(try fleet.judged(by: HostPolicy()).violations.isEmpty)
        let dropping = Fleet.containers("image: alpine, securityContext: {capabilities: {drop: [ALL]}}")
        #expect(try dropping.judged(by: HostPolicy()).violations.isEmpty)
        // A policy may name them as the kernel does.
        let prefixed = Fleet.containers("image: alpine, securityContext: {capabilities: {add: [CHOWN, SYS_TIME]}}")
        let policy = try policy("{containers: {capabilities: [CAP_SYS_TIME]}}")
        #expect(try prefixed.judged(by: policy).violations.isEmpty)
    }

    @Test func aFrozenRouteIsTakenOutOfThePlanAndNothingElse() throws {
        let fleet = Fleet(routesOfB: "[192.168.50.0/25, 192.168.51.0/24]")
        let judgement = try fleet.judged(by: policy("{overlays: {cidrs: [10.0.0.0/8, 192.168.50.0/24]}}"))
        let routes = judgement.resources.nodes.map { $0.spec.overlays.flatMap(\.routes).map(\.description) }
        // What this host is itself the way to is for the others to judge.
        #expect(routes == [["192.168.7.0/24"], ["192.168.50.0/25"], []])
        #expect(judgement.frozen.routes == [try CIDR(parsing: "192.168.51.0/24")])
    }

    @Test func aPinnedKeyCountsForItsNodeAlone() throws {
        let pin = try policy("{nodes: {publicKeys: [{node: host-b, publicKey: \(Fleet.keyC)}]}}")
        func keys(_ fleet: Fleet) throws -> [String?] {
            try fleet.judged(by: pin).resources.nodes.map { $0.spec.publicKey?.description }
        }
        #expect(try keys(Fleet()) == [nil, Fleet.keyC, nil])
        #expect(try keys(Fleet(keyOfB: nil)) == [nil, Fleet.keyC, nil])
        // Another node that claims the key gets none, and does not take the place of the pinned one.
        let stolen = Fleet(keyOfB: nil, keyOfC: Fleet.keyC)
        #expect(try keys(stolen) == [nil, Fleet.keyC, nil])
        #expect(try stolen.judged(by: pin).violations.keys.sorted() == ["node/host-c"])
    }

    @Test func otherHostsAreNotJudgedHere() throws {
        let fleet = Fleet.containers("image: alpine, securityContext: {privileged: true}")
        #expect(try fleet.judged(by: HostPolicy(), node: "host-b").violations.isEmpty)
        #expect(try fleet.judged(by: HostPolicy(), node: "host-x").violations.isEmpty)
    }
}
