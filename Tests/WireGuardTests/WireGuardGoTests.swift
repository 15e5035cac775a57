import Descriptors
import Glibc
import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// The life of wireguard-go itself.
@Suite(.serialized) struct WireGuardGoTests {
    private func withHost(
        timeout: Duration = .seconds(60), _ body: (TestHost, WireGuardClient) async throws -> Void
    ) async throws {
        let host = try TestHost()
        defer { host.remove() }
        try await body(host, try await host.run { try WireGuardClient(timeout: timeout) })
    }

    private func processes(_ host: TestHost) throws -> [String] {
        try shell("ip netns pids \(host.name)").split(separator: "\n").map(String.init)
    }

    @Test func startIsIdempotentAndStopEndsTheProcess() async throws {
        try await withHost { host, backend in
            try await backend.startUserspace("wg0")
            let first = try processes(host)
            #expect(first.count == 1)
            try await backend.startUserspace("wg0")
            #expect(try processes(host) == first)
            try await backend.stopUserspace("wg0")
            try await waitUntil("wireguard-go ends") { try processes(host).isEmpty }
            #expect(try await backend.observe(["wg0"]).isEmpty)
            try await backend.stopUserspace("wg0")
        }
    }

    @Test func itLeadsASessionOfItsOwnWithoutOurDescriptors() async throws {
        try await withHost { host, backend in
            try await backend.startUserspace("wg0")
            let process = try #require(try processes(host).first)
            #expect(try shell("ps -o sid= -p \(process)") != (try shell("ps -o sid= -p $$")))
            let targets = try shell("readlink /proc/\(process)/fd/0 /proc/\(process)/fd/1 /proc/\(process)/fd/2")
            #expect(targets == "/dev/null\n/dev/null\n/dev/null\n")
        }
    }

    /// Without systemd, as here; with it, the unit's properties do the same and more (`UnitSecurityTests`).
    @Test func itHasNoMorePrivilegesThanItNeeds() async throws {
        try await withHost { host, backend in
            try await backend.startUserspace("wg0")
            let process = try #require(try processes(host).first)
            let status = try shell("grep -E '^(CapPrm|CapEff|CapBnd|CapInh|CapAmb|NoNewPrivs)' /proc/\(process)/status")
            // Bits 10 and 12 of linux/capability.h: NET_BIND_SERVICE, NET_ADMIN.
            let kept = "0000000000001400"
            let none = "0000000000000000"
            #expect(
                status == "CapInh:\t\(none)\nCapPrm:\t\(kept)\nCapEff:\t\(kept)\nCapBnd:\t\(kept)\nCapAmb:\t\(none)\n"
                    + "NoNewPrivs:\t1\n")
            let limits = try shell("grep '^Max core' /proc/\(process)/limits")
            #expect(limits.split(separator: " ").contains("0"), "\(limits)")
            // What it still does: a privileged port, and a mark on its packets.
            let key = try PrivateKey.generate()
            let change = KernelChange.configureDevice(
                interface: "wg0", publicKey: key.publicKey, listenPort: 443, fwmark: 51)
            for result in await backend.apply([change], key: key) { try result.get() }
            _ = try await host.run("ip link set wg0 up")
            #expect(try await backend.observe(["wg0"])["wg0"]?.listenPort == 443)
            #expect(try await host.run("ss -uln").contains(":443"))
        }
    }

    @Test func whoMayNotDropCapabilitiesStillStartsIt() {
        let program = Program(path: "/usr/bin/wireguard-go", arguments: ["wg0"])
        let confined = WireGuardGoSandbox.confined(program, mayDropCapabilities: false)
        #expect(confined.path == "/usr/bin/setpriv" && !confined.arguments.contains { $0.hasPrefix("--bounding-set") })
        #expect(WireGuardGoSandbox.mayDropCapabilities(), "these tests run as root")
    }

    @Test func aKilledOneIsReplacedAndTakesTheSameConfiguration() async throws {
        try await withHost { host, backend in
            let key = try PrivateKey.generate()
            let changes: [KernelChange] = [
                .configureDevice(interface: "wg0", publicKey: key.publicKey, listenPort: 51820, fwmark: 0),
                .addPeer(
                    interface: "wg0", try examplePeer(1, allowedIPs: ["10.0.0.2/32"]),
                    endpoint: try socketAddress("192.0.2.1", 1)),
            ]
            try await backend.startUserspace("wg0")
            for result in await backend.apply(changes, key: key) { try result.get() }
            let before = try await backend.observe(["wg0"])
            _ = try shell("kill -9 \(try processes(host).joined(separator: " "))")
            try await waitUntil("it is seen to be gone") { try await backend.observe(["wg0"]).isEmpty }
            #expect(try await host.run("ls /run/wireguard") == "wg0.sock\n", "the stale socket is still there")
            try await backend.startUserspace("wg0")
            for result in await backend.apply(changes, key: key) { try result.get() }
            #expect(try await backend.observe(["wg0"]) == before)
        }
    }

    @Test func startRightAfterAKillWaitsForTheLinkToGo() async throws {
        try await withHost { host, backend in
            for _ in 0..<5 {
                try await backend.startUserspace("wg0")
                _ = try shell("kill -9 \(try processes(host).joined(separator: " "))")
            }
            try await backend.startUserspace("wg0")
            #expect(try await backend.observe(["wg0"])["wg0"]?.backend == .userspace)
        }
    }

    @Test func anInterfaceOfThatNameThatIsNotOursIsLeftAlone() async throws {
        try await withHost(timeout: .milliseconds(300)) { host, backend in
            _ = try await host.run("ip link add wg0 type bridge")
            await #expect(throws: WireGuardError.interfaceTaken(interface: "wg0")) {
                try await backend.startUserspace("wg0")
            }
            try await backend.stopUserspace("wg0")
            #expect(try await host.run("ip -br link show wg0").hasPrefix("wg0"))
            #expect(try await backend.observe(["wg0"]).isEmpty)
        }
    }

    @Test func oneThatHangsIsAnErrorInTimeAndNotStartedTwice() async throws {
        try await withHost(timeout: .milliseconds(500)) { host, backend in
            // Started by another backend, which has all the time that a busy machine needs.
            let patient = try await host.run { try WireGuardClient(timeout: .seconds(60)) }
            try await patient.startUserspace("wg0")
            // The process that was called leaves when the one that stays has begun to answer.
            try await waitUntil("one process is left") { try processes(host).count == 1 }
            let process = try #require(try processes(host).first)
            _ = try shell("kill -STOP \(process)")
            let started = ContinuousClock.now
            await #expect(throws: WireGuardError.timedOut(interface: "wg0", operation: "get", seconds: 0.5)) {
                try await backend.observe(["wg0"])
            }
            #expect(ContinuousClock.now - started < .seconds(20))
            await #expect(throws: WireGuardError.interfaceTaken(interface: "wg0")) {
                try await backend.startUserspace("wg0")
            }
            _ = try shell("kill -CONT \(process)")
            try await waitUntil("it answers again") { (try? await backend.observe(["wg0"]))?.isEmpty == false }
        }
    }

    @Test func oneThatHangsBlindsNobodyToTheOthers() async throws {
        try await withHost(timeout: .seconds(1)) { host, backend in
            // Started by another backend, which has all the time that a busy machine needs.
            let patient = try await host.run { try WireGuardClient(timeout: .seconds(60)) }
            try await patient.startUserspace("wg0")
            try await waitUntil("one process is left") { try processes(host).count == 1 }
            let hanging = try #require(try processes(host).first)
            try await patient.startUserspace("wg1")
            _ = try shell("kill -STOP \(hanging)")
            let seen = await backend.observeEach(["wg0", "wg1"])
            #expect(throws: WireGuardError.timedOut(interface: "wg0", operation: "get", seconds: 1)) {
                try seen["wg0"]?.get()
            }
            #expect(throws: Never.self) { try seen["wg1"]?.get() }
            // It is not waited for again and again.
            let began = ContinuousClock.now
            _ = await backend.observeEach(["wg0"])
            #expect(ContinuousClock.now - began < .milliseconds(500))
            _ = try shell("kill -CONT \(hanging)")
            try await waitUntil("it is asked again", seconds: 60) {
                if case .success = await backend.observeEach(["wg0"])["wg0"] { true } else { false }
            }
        }
    }

    @Test func aStartThatFailsSaysWhatTheProgramSaid() async throws {
        try await withHost { host, backend in
            // A directory in the socket's place: wireguard-go cannot listen there.
            _ = try await host.run("mkdir -p /run/wireguard/wg0.sock/x")
            let error = await #expect(throws: WireGuardError.self) { try await backend.startUserspace("wg0") }
            guard case .startFailed("wg0", let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("wg0"))
        }
    }

    @Test(arguments: ["", "../x", "a b", "wg0/1", "0123456789abcdef", "wg:0", "."])
    func aNameThatNoInterfaceCanHaveIsRefused(name: String) async throws {
        let backend = try WireGuardClient()
        await #expect(throws: WireGuardError.badInterfaceName(name)) { try await backend.startUserspace(name) }
        await #expect(throws: WireGuardError.badInterfaceName(name)) { try await backend.stopUserspace(name) }
        await #expect(throws: WireGuardError.badInterfaceName(name)) { try await backend.observe([name]) }
    }

    @Test func underSystemdItGetsAUnitOfItsOwn() {
        let command = WireGuardGo.command(program: "/usr/bin/wireguard-go", interface: "wg-a", underSystemd: true)
        #expect(command.path == "/usr/bin/systemd-run")
        #expect(
            command.arguments == [
                "--unit=wgctl-wireguard-go-wg\\x2da", "-p", "Type=forking", "--setenv=LOG_LEVEL=error",
            ]
                + WireGuardGoSandbox.properties.flatMap { ["-p", $0] }
                + ["--collect", "--quiet", "--", "/usr/bin/wireguard-go", "wg-a"])
        let plain = WireGuardGo.command(program: "/usr/bin/wireguard-go", interface: "wg0", underSystemd: false)
        #expect(plain.arguments.suffix(2) == ["/usr/bin/wireguard-go", "wg0"])
        #expect(!(command.environment + plain.environment).contains { $0.hasPrefix("WG_") })
    }
}
