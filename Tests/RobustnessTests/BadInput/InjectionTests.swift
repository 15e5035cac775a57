import HostState
import Manifest
import Planner
import Resources
import Testing

/// "Injection and policy" of docs/reliability.md: what could leave its field on the way to another program.
@Suite struct InjectionTests {
    @Test(arguments: ["\"CANARY\\0\"", "\"CANARY\\n\"", "\"CANARY\\r\"", "\"\\x00CANARY\""])
    func aNULOrNewlineInAnEnvironmentValue(value: String) throws {
        let fleet = try Incumbents()
        let text = container("env: [{name: A, value: \(value)}]")
        fleet.expectRefused(text, "spec.containers[0].env[0].value: the value has a NUL byte or a newline")
        #expect(!fleet.change(file("a.yaml", text)).findings.map(\.error.description).joined().contains("CANARY"))
    }

    @Test(arguments: ["\"A B\"", "A=B", "\"A\\n\"", "1A", "\"\"", "\"A\\0\""])
    func anEnvironmentNameThatIsNone(name: String) throws {
        try Incumbents().expectRefused(
            container("env: [{name: \(name), value: x}]"), "spec.containers[0].env[0].name: ")
    }

    /// A command is a list of words from the manifest to Podman's API: nothing on the way could be a shell.
    @Test func aCommandIsNeverAShells() throws {
        let words = ["$(reboot)", "; rm -rf /", "`id`", "a b", "--", "&& true", "'\"", "\n"]
        let list = #""$(reboot)", "; rm -rf /", "`id`", "a b", "--", "&& true", "'\"", "\n""#
        let set = try Incumbents().change(file("a.yaml", container("command: [\(list)], args: [\(list)]")))
        let plan = Planner.plan(set.live, facts: HostFacts(node: "a"))
        #expect(plan.podman.containers.map(\.entrypoint) == [words])
        #expect(plan.podman.containers.map(\.arguments) == [words])
    }

    @Test(arguments: [
        "a&&b", "a||b", "\"a'b\"", "'a\"b'", "a$b", "\"@a\"", "\"a\\nb\"", "\"a}\"", "\"!a\"", "\"a#b\"", "A", "a_b",
    ])
    func aNameThatIsMoreThanAName(name: String) throws {
        let fleet = try Incumbents()
        let whole = fleet.change(file("c.yaml", node("a").replacing("{name: a}", with: "{name: \(name)}")))
        #expect(whole.findings.map(\.error.path) == ["metadata.name"] && whole.live == fleet.live.live)
        fleet.expectRefused(container("").replacing("name: p", with: "name: \(name)"), "spec.containers[0].name: ")
        fleet.expectRefused(
            node("a", "{name: \(name), addresses: [10.0.0.1]}"), "spec.overlays[0].name: ")
    }

    /// Whatever of a Gateway could reach keepalived.conf or the text of an OVN match.
    @Test(arguments: [
        "interface: \"eth0\\n}\"", "interface: \"eth0!\"", "interface: \"eth0 #\"", "interface: \"@eth0\"",
        "interface: \"$eth0\"", "interface: \"eth0\\\"\"", "node: \"a\\n}\"", "node: \"a'\"",
    ])
    func aMetacharacterOfKeepalived(field: String) throws {
        let name = field.prefix { $0 != ":" }
        let other = name == "node" ? "interface: eth0" : "node: a"
        let text = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Gateway
            metadata: {name: g}
            spec: {overlay: net, members: [{priority: 150, \(other), \(field)}]}
            """
        let set = try Incumbents().change(file("g.yaml", text))
        #expect(set.findings.map(\.error.path) == ["spec.members[0].\(name)"], "\(set.findings)")
        #expect(set.findings.allSatisfy { $0.reason == Reason.invalid })
    }

    @Test(arguments: ["sw&&x", "\"a||b\"", "\"a'\"", "'a\"'", "\"$a\"", "\"@a\"", "\"a b\""])
    func aMetacharacterOfOVN(name: String) throws {
        let text = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Gateway
            metadata: {name: g}
            spec:
              overlay: net
              members: [{priority: 150, interface: eth0, node: a}]
              ovn:
                northbound: {address: "tcp:192.168.1.5:6641"}
                logicalSwitch: \(name)
                logicalRouter: lr
                transitSubnet: 172.31.255.0/24
            """
        let set = try Incumbents().change(file("g.yaml", text))
        #expect(set.findings.map(\.error.path) == ["spec.ovn.logicalSwitch"], "\(set.findings)")
    }
}
