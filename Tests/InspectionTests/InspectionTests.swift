import Doctor
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Inspection

/// The gatherers on directories that stand in for a host.
struct InspectionTests {
    private let directory = temporaryPath("inspection")
    private var root: HostRoot { HostRoot(directory) }

    private func write(_ path: String, _ text: String = "") throws {
        let file = URL(fileURLWithPath: directory + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func link(_ path: String, to target: String) throws {
        try write(path)
        try FileManager.default.removeItem(atPath: directory + path)
        try FileManager.default.createSymbolicLink(atPath: directory + path, withDestinationPath: target)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: directory) }

    @Test func modulesAreFoundWhereverTheyAre() throws {
        defer { remove() }
        try write("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
        try write("/lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/drivers/net/tun.ko\n")
        try write("/lib/modules/6.1.0-18-amd64/modules.dep", "kernel/drivers/net/wireguard/wireguard.ko: a.ko\n")
        try write("/sys/module/bridge/refcnt", "1\n")
        let kernel = KernelLook(root: root).facts()
        #expect(kernel.release == "6.1.0-18-amd64" && kernel.hasModuleDirectory == true && !kernel.hasTunDevice)
        #expect(
            kernel.modules == [
                "wireguard": .loadable, "bridge": .loaded, "tun": .builtIn, "veth": .missing, "nf_tables": .missing,
            ])
        try write("/proc/sys/kernel/osrelease", "6.1.0-19-amd64\n")
        let upgraded = KernelLook(root: root).facts()
        #expect(upgraded.hasModuleDirectory == false && upgraded.modules["wireguard"] == .unknown)
    }

    @Test func aKernelWithoutModulesIsKnownByItsFunctions() throws {
        defer { remove() }
        try write("/proc/sys/kernel/osrelease", "6.18.0\n")
        try write("/proc/kallsyms", "0 t br_add_if\n0 t veth_newlink\n0 T nft_do_chain_inet\n")
        try write("/dev/net/tun")
        try write("/usr/bin/wireguard-go")
        let kernel = KernelLook(root: root).facts()
        #expect(kernel.hasModuleDirectory == nil && kernel.hasTunDevice)
        #expect(kernel.wireguardGo == "/usr/bin/wireguard-go")
        #expect(kernel.modules["bridge"] == .builtIn && kernel.modules["nf_tables"] == .missing)
    }

    @Test func routesAndPortsOfTheNamespace() throws {
        defer { remove() }
        try write(
            "/proc/thread-self/net/route",
            """
            Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
            eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
            wg0\t1400000A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0

            """)
        let zero = String(repeating: "0", count: 32)
        try write(
            "/proc/thread-self/net/ipv6_route",
            """
            \(zero) 00 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 eth0
            \(zero) 00 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth1
            \(zero) 00 \(zero) 00 \(zero) ffffffff 00000001 00000000 00200200 lo

            """)
        try write(
            "/proc/thread-self/net/udp",
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
              99: 00000000:CA6C 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 777 2 0000 0
             100: 00000000:CA6D 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 0000 0

            """)
        try write("/proc/7/comm", "openvpn\n")
        try link("/proc/7/fd/3", to: "socket:[777]")
        let network = NetworkLook(root: root)
        #expect(network.defaultRoutes() == ["eth0"] && network.advertisedRoutes() == ["eth0"])
        let ports = network.udpPorts([51820, 51821, 51822], processes: ProcessLook(root: root).processes())
        #expect(ports == [.init(number: 51820, holder: "openvpn"), .init(number: 51821)])
    }

    @Test func processesOfOtherNamespacesAreNotOurs() throws {
        defer { remove() }
        try link("/proc/thread-self/ns/net", to: "net:[1]")
        for (pid, name, namespace) in [(7, "dockerd", "net:[1]"), (8, "NetworkManager", "net:[2]")] {
            try write("/proc/\(pid)/comm", "\(name)\n")
            try link("/proc/\(pid)/ns/net", to: namespace)
        }
        try write("/proc/self/comm", "x\n")
        try write("/proc/9/comm", "firewalld\n")
        try write("/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service")
        try write("/etc/systemd/system/multi-user.target.d/other.conf")
        let look = ProcessLook(root: root)
        #expect(look.processes().filter { !$0.isCertain }.map(\.name) == ["firewalld"])
        let services = look.services(look.processes())
        #expect(services.processes == ["dockerd", "firewalld"] && services.enabledUnits == ["wg-quick@wg0.service"])
    }

    @Test func filesOverruleEachOtherAsTheirProgramsSay() throws {
        defer { remove() }
        try write("/etc/systemd/networkd.conf", "main")
        try write("/usr/lib/systemd/networkd.conf.d/50-a.conf", "shadowed")
        try write("/etc/systemd/networkd.conf.d/50-a.conf", "ours")
        try write("/usr/local/lib/systemd/networkd.conf.d/10-b.conf", "first")
        try write("/usr/lib/systemd/network/99-default.network", "a")
        try write("/run/systemd/network/10-a.network", "b")
        try link("/etc/systemd/network/10-a.network", to: "/dev/null")
        let networkd = ConfigurationLook(root: root).networkd()
        #expect(networkd.configuration.map(\.text) == ["main", "first", "ours"])
        #expect(networkd.networks.map(\.text) == ["", "a"])

        try write("/usr/lib/NetworkManager/conf.d/20-x.conf", "shadowed")
        try write("/usr/lib/NetworkManager/conf.d/10-y.conf", "distribution")
        try write("/etc/NetworkManager/NetworkManager.conf", "main")
        try write("/etc/NetworkManager/conf.d/20-x.conf", "ours")
        try write("/etc/NetworkManager/system-connections/w.nmconnection", "profile")
        let manager = ConfigurationLook(root: root).networkManager()
        #expect(manager.configuration.map(\.text) == ["distribution", "main", "ours"])
        #expect(
            manager.profiles
                == .seen([TextFile(path: "/etc/NetworkManager/system-connections/w.nmconnection", text: "profile")]))

        try write("/etc/sysctl.conf", "last")
        try write("/usr/lib/sysctl.d/50-default.conf", "first")
        #expect(ConfigurationLook(root: root).sysctlFiles().map(\.text) == ["first", "last"])
        #expect(!ConfigurationLook(root: root).isUfwEnabled())
        try write("/etc/ufw/ufw.conf", "# ENABLED=no\nENABLED=yes\n")
        #expect(ConfigurationLook(root: root).isUfwEnabled())
    }

    @Test func whatTheDaemonNeedsIsLookedAtWhereItWillBe() throws {
        defer { remove() }
        try write("/etc/wgctl/manifests/a.yaml", "kind: Node\n")
        try write("/etc/wgctl/manifests/b.yaml", "kind: Node\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o666], ofItemAtPath: directory + "/etc/wgctl/manifests/b.yaml")
        var look = DaemonLook(
            root: root, stateDirectory: "/var/lib/wgctl", keyDirectory: "/var/lib/wgctl/keys",
            manifestDirectory: "/etc/wgctl/manifests")
        let before = look.facts(processes: [.init(pid: 7, name: "wgd"), .init(pid: 8, name: "wgctl")])
        #expect(before.state.mode == nil && before.state.freeBytes > 0 && !before.state.isReadOnly)
        #expect(before.key == .seen(.absent) && before.processes == .seen([7]) && before.inotifyError == nil)
        #expect(before.manifests.manifests == .seen(2))
        #expect(before.manifests.refused.count == 1 && before.manifests.refused[0].hasPrefix("b.yaml is writable by"))
        #expect(before.manifests.fault == nil)
        chmod(directory + "/etc/wgctl/manifests", 0o777)
        #expect(look.facts(processes: []).manifests.fault?.contains("is writable by everybody") == true)
        #expect(look.clock().lastRecord == nil)

        try write("/var/lib/wgctl/state.db")
        try write("/var/lib/wgctl/keys/node.key", "short\n")
        for path in ["/var/lib/wgctl/keys", "/var/lib/wgctl/keys/node.key"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: path.hasSuffix(".key") ? 0o644 : 0o700], ofItemAtPath: directory + path)
        }
        look.manifestDirectory = "/nowhere"
        let after = look.facts(processes: [.init(pid: 7, name: "wgd", isCertain: false)])
        guard case .unseen = after.processes else {
            Issue.record("\(after.processes)")
            return
        }
        #expect(after.state.mode != nil && look.clock().lastRecord != nil)
        guard case .seen(.unusable(let reason)) = after.key else {
            Issue.record("\(after.key)")
            return
        }
        #expect(reason.contains("644"), "\(reason)")
        guard case .unseen = after.manifests.manifests else {
            Issue.record("\(after.manifests)")
            return
        }
    }
}
