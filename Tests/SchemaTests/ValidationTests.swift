import JSON
import Manifest
import Schema
import TestSupport
import Testing

/// Every keyword and every field rule seen failing, each with its text.
@Suite struct ValidationTests {
    private func described(_ name: String, _ text: String) throws -> String {
        let catalog = try SchemaCatalog()
        var result = "\(name)\n"
        for document in try ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8))).documents() {
            var errors = catalog.kindErrors(of: document)
            if errors.isEmpty, let kind = SchemaCatalog.identity(of: document).kind,
                let definition = catalog.definition(named: kind)
            {
                errors = definition.validate(document).errors
            }
            if errors.isEmpty { result += "  accepted\n" }
            for error in errors {
                #expect(!error.reason.isEmpty && !error.remedy.isEmpty, "\(error)")
                result += "  \(error)\n"
            }
        }
        return result
    }

    private func node(_ spec: String, metadata: String = "{name: a}") -> String {
        "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: \(metadata)\nspec: \(spec)\n"
    }

    private func overlay(_ spec: String) -> String {
        "apiVersion: wgctl.dev/v1alpha1\nkind: Overlay\nmetadata: {name: a}\nspec: \(spec)\n"
    }

    private func container(_ fields: String) -> String { node("{containers: [{name: p, image: i, \(fields)}]}") }

    @Test func textsOfErrors() throws {
        let cases: [(String, String)] = [
            ("smallest node", node("{}")),
            ("smallest overlay", overlay("{subnets: [10.0.0.0/24]}")),
            ("list at the top", "- a\n"),
            ("null at the top", "~\n"),
            ("nothing of a resource", "a: 1\n"),
            ("unknown kind and version", "apiVersion: wgctl.dev/v1\nkind: Nodes\nmetadata: {name: a}\n"),
            ("foreign kind", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"),
            ("no spec, no name", "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {}\n"),
            ("root field", node("{}") + "specs: {}\n"),
            (
                "annotations",
                node("{}", metadata: "{name: a, annotations: {\"a b\": x, /x: y, example.org/Ok_1: 5, n: z, empty: }}")
            ),
            ("annotations that are none", node("{}", metadata: "{name: a, annotations: [x]}")),
            ("a no-break space in a field", node("{}") + "\u{a0}status: {}\n"),
            ("a no-break space after a colon", node("{}", metadata: "\n  name:\u{a0}a")),
            ("kind Container", "apiVersion: wgctl.dev/v1alpha1\nkind: Container\nmetadata: {name: a}\n"),
            ("y and n", node("{unschedulable: n, endpoint: y}", metadata: "{name: n}")),
            ("metadata", node("{}", metadata: "{name: A_b, namespace: x, lables: {}, annotations: {a: 1}, uid: x}")),
            (
                "labels",
                node(
                    "{}",
                    metadata:
                        "{name: a, labels: {ok: yes, \"a b\": c, x/y/z: d, no: e, long: [f], a.b/c: d, A.b/c: d}}")
            ),
            (
                "unknown fields",
                node("{endpont: x, overlays: [{name: o, addresses: [10.0.0.1], lisenPort: 1}], zzz: 1}")
            ),
            (
                "private key",
                node("{privateKey: CANARY, overlays: [{name: o, addresses: [10.0.0.1], private_key: CANARY}]}")
            ),
            ("wrong shapes", node("{overlays: {name: o}, containers: x, endpoint: [a], unschedulable: {}}")),
            (
                "plain scalars for text",
                node(
                    "{endpoint: 1.10, containers: [{name: no, image: 12:34:56, workingDir: 1e999, restartPolicy: 0o17, command: [~]}]}"
                )
            ),
            ("truth values", node("{unschedulable: yes}") + "---\n" + node("{unschedulable: \"true\"}")),
            (
                "whole numbers",
                container("terminationGracePeriodSeconds: 0o17") + "---\n"
                    + container("terminationGracePeriodSeconds: \"30\"") + "---\n"
                    + container("terminationGracePeriodSeconds: 1.5") + "---\n"
                    + container("terminationGracePeriodSeconds: 99999999999999999999") + "---\n"
                    + container("terminationGracePeriodSeconds: -1")
            ),
            (
                "ports",
                container(
                    "ports: [{containerPort: 0}, {containerPort: 65536}, {hostPort: 1}, {containerPort: 1, protocol: tcp}]"
                )
            ),
            (
                "lists with keys",
                node("{overlays: [{name: o, addresses: [10.0.0.1]}, {name: o, addresses: [10.0.0.2]}]}") + "---\n"
                    + node("{overlays: [{name: o, addresses: [10.0.0.1, 10.0.0.1]}, {name: m, addresses: []}]}")
            ),
            (
                "names of interfaces",
                node("{overlays: [{name: o, addresses: [10.0.0.1], interface: \"wg 0/:aaaaaaaaaaaaaaa\"}]}")
            ),
            (
                "env",
                container(
                    "env: [{name: A}, {name: B, value: x, valueFrom: {file: /a}}, {name: 1B, value: x}, {name: C, valueFrom: {}}]"
                )
            ),
            (
                "env values never shown",
                container(
                    "env: [{name: A, value: 1234567}, {name: B, value: \"CANARY\\nx\"}, {name: C, value: \"CANARY\\0\"}]"
                )
            ),
            (
                "volumes",
                container(
                    "volumes: [{mountPath: /a}, {hostPath: /a, volume: v, mountPath: /b}, {volume: v, mountPath: rel}]")
            ),
            (
                "run as",
                container("securityContext: {runAsGroup: 1, capabilities: {add: [cap_net_admin, SYS_TIME, SYS_TIME]}}")
            ),
            ("ulimits", container("ulimits: [{name: nofile, soft: 2, hard: 1}, {name: files, soft: -2, hard: 1}]")),
            ("health", container("healthCheck: {interval: 0s, timeout: 1x, retries: 0, command: []}")),
            ("limits", container("resources: {limits: {cpu: 2, memory: 64MB}}")),
            ("image", container("imagePullPolicy: always").replacing("image: i", with: "image: \"a b\"")),
            (
                "addresses",
                node(
                    "{overlays: [{name: o, addresses: [010.0.0.1, \"fe80::1%eth0\"], routes: [10.0.0.0, 10.0.0.0/33]}]}"
                )
            ),
            (
                "overlay bounds",
                overlay(
                    "{subnets: [10.0.0.0/24], wireguard: {mtu: 1279, persistentKeepalive: 65536, listenPort: 0, backend: kernel}, topology: {type: HubAndSpoke}, policy: []}"
                )
            ),
            (
                "overlay without subnet",
                overlay("{subnets: []}") + "---\n" + overlay("{subnets: }") + "---\n" + overlay("")
            ),
            (
                "gateway",
                "apiVersion: wgctl.dev/v1alpha1\nkind: Gateway\nmetadata: {name: g}\nspec:\n  overlay: o\n"
                    + "  members: [{node: a, priority: 255, interface: eth0}]\n"
                    + "  virtualIP: {addresses: [10.0.0.1/24], virtualRouterID: 256, authentication: {file: /a}, advertInterval: 100ms}\n"
            ),
        ]
        var text = ""
        for (name, manifest) in cases { text += try described(name, manifest) }
        #expect(!text.contains("CANARY") && !text.contains("1234567"))
        try expectGolden(text, "Golden/validation.txt")
    }

    @Test func defaultsAreApplied() throws {
        let definition = try #require(try SchemaCatalog().definition(named: "overlay"))
        let file = ManifestFile(
            path: "a.yaml", contents: .bytes(Array(overlay("{subnets: [10.0.0.0/24], network: }").utf8)))
        let result = definition.validate(try file.documents()[0])
        #expect(result.errors == [])
        #expect(
            result.value["spec"]?.canonicalText
                == #"{"network":{"dns":false},"subnets":["10.0.0.0/24"],"topology":{"type":"FullMesh"},"#
                + #""wireguard":{"backend":"Auto","fwmark":0,"interface":"wg0","listenPort":51820}}"#)
    }
}
