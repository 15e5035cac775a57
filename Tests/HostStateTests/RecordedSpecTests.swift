import Convergence
import Foundation
import NetAddress
import Testing

@testable import HostState

/// What a container was made with, to name the fields that differ now.
@Suite struct RecordedSpecTests {
    private var container: DesiredContainer {
        var container = DesiredContainer(name: "web", node: "host-a", image: "x:1")
        container.networks = [
            .init(
                network: "net", bridge: "br0", addresses: [IPAddress(v4: 1)], macAddress: MACAddress(derivedFrom: "a"))
        ]
        container.environment = ["TZ": .literal("Europe/Prague"), "TOKEN": .podmanSecret(name: "token")]
        return container
    }

    private func changed(_ body: (inout DesiredContainer) -> Void) -> [FieldChange] {
        var after = container
        body(&after)
        return RecordedSpec(container).differences(to: after)
    }

    @Test func theFieldIsNamedWithBothValues() {
        #expect(
            changed { $0.environment["TZ"] = .literal("Europe/Vienna") } == [
                FieldChange("env.TZ", "Europe/Prague", "Europe/Vienna")
            ])
        #expect(changed { $0.environment["LANG"] = .literal("C") } == [FieldChange("env.LANG", nil, "C")])
        #expect(changed { $0.environment["TZ"] = nil } == [FieldChange("env.TZ", "Europe/Prague", nil)])
        #expect(
            changed { $0.arguments = ["-c", "sleep 1", ""] } == [FieldChange("args", nil, #"[-c, "sleep 1", ""]"#)])
        #expect(changed { _ in }.isEmpty)
    }

    @Test func aSecretIsNamedAndHasNoValue() {
        #expect(
            changed { $0.environment["TOKEN"] = .file(path: "/etc/wgctl/secrets/token") } == [
                FieldChange("env.TOKEN", "(from Podman secret token)", "(from file /etc/wgctl/secrets/token)")
            ])
    }

    /// Everything that the hash covers has a field, so that no replacement is without a reason.
    @Test(arguments: RecordedSpecTests.edits.keys.sorted())
    func everythingThatForcesAReplacementIsNamed(_ field: String) throws {
        let edit = try #require(Self.edits[field])
        var after = container
        edit(&after)
        #expect(after.specHash != container.specHash)
        #expect(changed(edit).contains { $0.field.hasPrefix(field) }, "\(changed(edit))")
    }

    private static let edits: [String: @Sendable (inout DesiredContainer) -> Void] = [
        "image": { $0.image = "x:2" }, "command": { $0.entrypoint = ["a"] }, "args": { $0.arguments = ["a"] },
        "workingDir": { $0.workingDirectory = "/srv" }, "restartPolicy": { $0.restartPolicy = .never },
        "terminationGracePeriodSeconds": { $0.stopTimeout = 60 }, "node": { $0.node = "host-b" },
        "resources.limits.cpu": { $0.cpuLimitMilli = 500 }, "resources.limits.memory": { $0.memoryLimit = 1 << 20 },
        "securityContext.privileged": { $0.isPrivileged = true },
        "securityContext.readOnlyRootFilesystem": { $0.isRootReadOnly = true },
        "securityContext.capabilities.add": { $0.addCapabilities = ["NET_ADMIN"] },
        "securityContext.capabilities.drop": { $0.dropCapabilities = ["ALL"] },
        "securityContext.runAsUser": { $0.user = "1:1" }, "labels.a": { $0.labels["a"] = "b" },
        "ulimits.nofile": { $0.ulimits = [.init(name: "nofile", soft: 1, hard: 2)] },
        "volumes[/data]": { $0.mounts = [.init(source: .volume("v"), mountPath: "/data", isReadOnly: true)] },
        "ports[80/tcp]": { $0.ports = [.init(containerPort: 8080, hostPort: 80, hostIP: nil, transport: "tcp")] },
        "networks[net].addresses": { $0.networks[0].addresses = [IPAddress(v4: 2)] },
        "networks[net].bridge": { $0.networks[0].bridge = "br1" },
        "networks[net].macAddress": { $0.networks[0].macAddress = MACAddress(derivedFrom: "b") },
        "healthCheck.command": {
            $0.healthCheck = .init(command: ["true"], interval: 1, timeout: 1, startPeriod: 0, retries: 3)
        },
    ]

    private func podman(_ container: DesiredContainer) -> ObservedPodman {
        var podman = ObservedPodman()
        podman.containers["web"] = ObservedContainer(
            id: "1", name: "web", image: "x", state: .running,
            labels: [OwnershipMark.specHashLabel: container.specHash])
        return podman
    }

    /// After an upgrade, a container that is as wanted tells what it was made with.
    @Test func whatAnOlderReleaseMadeIsRecordedWhileItIsAsWanted() {
        var inventory = Inventory()
        inventory.containers["web"] = OwnedObject(id: "1")
        var edited = container
        edited.image = "x:2"
        inventory.recordSpecs([edited], of: podman(container))
        #expect(inventory.containers["web"]?.spec == nil)
        inventory.recordSpecs([container], of: podman(container))
        #expect(inventory.containers["web"]?.spec == RecordedSpec(container))
        // It stays what it was made with.
        inventory.recordSpecs([edited], of: podman(container))
        #expect(inventory.containers["web"]?.spec == RecordedSpec(container))
    }

    @Test func theInventoryKeepsItAndReadsWhatHasNone() throws {
        var inventory = Inventory()
        inventory.containers["web"] = OwnedObject(id: "1", spec: RecordedSpec(container))
        inventory.containers["old"] = OwnedObject(id: "2")
        let stored = try JSONEncoder().encode(inventory)
        #expect(try JSONDecoder().decode(Inventory.self, from: stored) == inventory)
    }
}
