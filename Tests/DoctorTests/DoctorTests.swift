import Doctor
import Foundation
import HostState
import NetAddress
import TestSupport
import Testing

/// Each defect is found, and nothing else: what is said of it stands in `Golden`.
struct DoctorTests {
    @Test func aSoundHostHasNothingToComplainOf() throws {
        let diagnoses = Doctor.diagnose(soundHost(), expecting: try overlay())
        #expect(complaints(diagnoses) == "")
        #expect(Set(diagnoses.map(\.area)) == Set(Diagnosis.Area.allCases))
        #expect(Doctor.diagnose(soundHost(), expecting: try overlay()) == diagnoses)
    }

    /// Every file of `Golden` has one of these.
    typealias Defect = (name: String, plant: @Sendable (inout HostInspection) -> Void)

    static let kernel: [Defect] = [
        ("kernel-old", { $0.kernel.release = "5.4.0-1-amd64" }),
        ("kernel-upgraded", { $0.kernel.hasModuleDirectory = false }),
        (
            "wireguard-userspace",
            {
                $0.kernel.modules["wireguard"] = .missing
                $0.kernel.wireguardGo = "/usr/bin/wireguard-go"
            }
        ),
        ("wireguard-missing", { $0.kernel.modules["wireguard"] = .missing }),
        (
            "wireguard-without-tun",
            {
                $0.kernel.modules["wireguard"] = .missing
                $0.kernel.wireguardGo = "/usr/bin/wireguard-go"
                $0.kernel.hasTunDevice = false
            }
        ),
        ("wireguard-unknown", { $0.kernel.modules["wireguard"] = .unknown }),
        ("nf-tables-missing", { $0.kernel.modules["nf_tables"] = .missing }),
        ("ipv6-disabled", { $0.sysctls.values["net/ipv6/conf/all/disable_ipv6"] = "1" }),
        ("ipv6-absent", { $0.kernel.hasIPv6 = false }),
    ]

    static let podman: [Defect] = [
        (
            "podman-missing",
            {
                $0.podman.service = .unseen("there is no socket")
                $0.podman.programVersion = nil
                $0.podman.programs = []
            }
        ),
        ("podman-cni", { $0.podman.service = .seen(.init(version: "4.4.0", networkBackend: "cni", runtime: "runc")) }),
        (
            "podman-old",
            { $0.podman.service = .seen(.init(version: "3.0.1", networkBackend: "netavark", runtime: "crun")) }
        ),
        ("podman-not-allowed", { $0.podman.service = .unseen(PodmanFacts.notAllowed) }),
    ]

    static let rivals: [Defect] = [
        ("interface-foreign", { $0.network.links = .seen([.init(name: "wg0", kind: "wireguard")]) }),
        ("wg-quick", { $0.services.enabledUnits = ["wg-quick@wg0.service", "wg-quick@wg9.service"] }),
        ("port-taken", { $0.network.udpPorts = [.init(number: 51820, holder: "openvpn")] }),
        (
            "networkd-takes-interfaces",
            { host in
                host.services.processes.insert("systemd-network")
                host.networkd.networks = [
                    file("/etc/systemd/network/10-eth.network", "[Match]\nName=eth*\n"),
                    file("/etc/systemd/network/20-wired.network", "[Match]\nType=ether\n[Network]\nDHCP=yes\n"),
                    file("/usr/lib/systemd/network/99-default.network", "[Match]\nName=*\n"),
                ]
                host.networkd.configuration = [
                    file("/etc/systemd/networkd.conf", "[Network]\n#ManageForeignRoutes=no\n"),
                    file("/etc/systemd/networkd.conf.d/a.conf", "[Network]\nManageForeignRoutingPolicyRules=no\n"),
                ]
            }
        ),
        (
            "networkd-takes-wg0",
            { host in
                host.services.processes.insert("systemd-network")
                host.networkd.networks = [
                    file("/usr/local/lib/systemd/network/05-wgctl.network", shipped("networkd/05-wgctl.network")),
                    file("/etc/systemd/network/99-default.network", "[Match]\nName=*\n"),
                ]
                host.networkd.configuration = [file("/usr/local/lib/a.conf", shipped("networkd/50-wgctl.conf"))]
            }
        ),
        (
            "networkd-makes-wg0",
            { host in
                host.services.enabledUnits = ["systemd-networkd.service"]
                host.networkd.devices = [
                    file("/etc/systemd/network/wg0.netdev", "[NetDev]\nName=wg0\nKind=wireguard\n")
                ]
                host.networkd.configuration = [
                    file(
                        "/etc/systemd/networkd.conf",
                        "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n")
                ]
            }
        ),
        ("networkmanager-manages", { $0.services.processes.insert("NetworkManager") }),
        (
            "networkmanager-profile",
            { host in
                host.services.processes.insert("NetworkManager")
                host.networkManager.configuration = [
                    file("/etc/NetworkManager/conf.d/a.conf", "[keyfile]\nunmanaged-devices=interface-name:*b-wg0\n"),
                    file("/etc/NetworkManager/conf.d/b.conf", shipped("NetworkManager/50-wgctl.conf")),
                ]
                host.networkManager.profiles = .seen([
                    file(
                        "/etc/NetworkManager/system-connections/w.nmconnection",
                        "[connection]\nid=home\ninterface-name=wg0\n")
                ])
            }
        ),
    ]

    static let host: [Defect] = [
        ("sysctl-read-only", { $0.sysctls.isReadOnly = true }),
        (
            "forwarding-off-at-boot",
            { $0.sysctls.files = [file("/etc/sysctl.d/hardening.conf", "# no\n-net.ipv4.ip_forward = 0\n")] }
        ),
        ("forwarding-off", { $0.sysctls.values["net/ipv4/ip_forward"] = "0" }),
        (
            "rp-filter",
            {
                $0.network.defaultRoutes = ["eth0", "eth1.7"]
                $0.sysctls.values["net/ipv4/conf/all/rp_filter"] = "0"
                $0.sysctls.values["net/ipv4/conf/eth0/rp_filter"] = "2"
                $0.sysctls.values["net/ipv4/conf/eth1.7/rp_filter"] = "1"
            }
        ),
        (
            "accept-ra",
            {
                $0.network.advertisedRoutes = ["eth0"]
                $0.sysctls.values["net/ipv6/conf/eth0/accept_ra"] = "1"
            }
        ),
        ("route-max-size", { $0.sysctls.values["net/ipv6/route/max_size"] = "3" }),
        ("clock-unsynchronised", { $0.clock.isSynchronised = false }),
        ("clock-back", { $0.clock.lastRecord = 1_800_086_400 }),
        (
            "manifests-missing",
            { $0.daemon.manifests.manifests = .unseen("/etc/wgctl/manifests: No such file or directory") }
        ),
        (
            "manifests-directory-writable",
            {
                $0.daemon.manifests.fault =
                    "/etc/wgctl is writable by everybody, who could then rule this host; chmod o-w it"
            }
        ),
        ("manifests-writable", { $0.daemon.manifests.refused = ["a.yaml is writable by everybody", "b.yaml too"] }),
        ("manifests-nfs", { $0.daemon.manifests.silentFileSystem = "nfs" }),
        ("inotify-exhausted", { $0.daemon.inotifyError = "no inotify instance: Too many open files" }),
        ("state-full", { $0.daemon.state.freeBytes = 1 << 20 }),
        ("state-read-only", { $0.daemon.state.isReadOnly = true }),
        ("state-open", { $0.daemon.state.mode = 0o755 }),
        ("key-exposed", { $0.daemon.key = .seen(.unusable("/var/lib/wgctl/keys/node.key has mode 644")) }),
        ("key-wrong", { $0.daemon.key = .seen(.present(PublicKey(filledWith: 9))) }),
        ("key-lost", { $0.daemon.key = .seen(.absent) }),
        ("key-unseen", { $0.daemon.key = .unseen("/var/lib/wgctl/keys: only root may look into it") }),
        ("daemons-unseen", { $0.daemon.processes = .unseen("") }),
        ("two-daemons", { $0.daemon.processes = .seen([42, 43]) }),
    ]

    @Test(arguments: kernel + podman + rivals + host) func eachDefectIsFound(_ defect: Defect) throws {
        var host = soundHost()
        defect.plant(&host)
        let text = complaints(Doctor.diagnose(host, expecting: try overlay()))
        #expect(!text.isEmpty)
        try expectGolden(text, "Golden/\(defect.name).txt")
    }

    @Test func anOverlayThatAsksForTheKernelHasAProblemWithoutIt() throws {
        var host = soundHost()
        host.kernel.modules["wireguard"] = .missing
        host.kernel.wireguardGo = "/usr/bin/wireguard-go"
        let text = complaints(Doctor.diagnose(host, expecting: try overlay(backend: .kernel)))
        #expect(text.hasPrefix("problem kernel/wireguard: not in the kernel\n"), "\(text)")
    }

    @Test func whatNoOverlayNeedsIsNoProblem() throws {
        var host = soundHost()
        host.kernel.hasIPv6 = false
        host.network.advertisedRoutes = ["eth0"]
        host.sysctls.values["net/ipv6/conf/eth0/accept_ra"] = "1"
        host.sysctls.values["net/ipv6/route/max_size"] = "1"
        var expected = try overlay()
        expected.tunnels[0].subnets.removeLast()
        expected.routesIPv6 = 0
        #expect(complaints(Doctor.diagnose(host, expecting: expected)) == "")
    }

    @Test func aNodeWithoutItsKeyIsNamedOnceTheKeyExists() throws {
        var expected = try overlay()
        expected.identity?.publicKey = nil
        try expectGolden(complaints(Doctor.diagnose(soundHost(), expecting: expected)), "Golden/key-missing.txt")
        expected.identity?.hasPeers = false
        #expect(complaints(Doctor.diagnose(soundHost(), expecting: expected)) == "", "nobody needs it")
        var fresh = soundHost()
        fresh.daemon.key = .seen(.absent)
        expected.identity?.hasPeers = true
        #expect(complaints(Doctor.diagnose(fresh, expecting: expected)) == "", "wgd makes it")
    }

    @Test func beforeTheFirstStartTheDefaultNamesAreLookedAt() throws {
        var host = soundHost()
        host.network = NetworkFacts(links: .seen([.init(name: "eth0")]))
        host.sysctls.values["net/ipv4/ip_forward"] = "0"
        host.daemon.processes = .seen([])
        host.daemon.key = .seen(.absent)
        host.daemon.state.mode = nil
        let text = complaints(Doctor.diagnose(host, expecting: .defaults(because: "no valid Node is named host-z")))
        try expectGolden(text, "Golden/before-the-first-start.txt")
    }
}

/// A file of `packaging/`.
private func shipped(_ path: String) -> String {
    (try? String(contentsOf: Repository.root.appendingPathComponent("packaging/\(path)"), encoding: .utf8)) ?? ""
}

private func file(_ path: String, _ text: String) -> TextFile { TextFile(path: path, text: text) }
