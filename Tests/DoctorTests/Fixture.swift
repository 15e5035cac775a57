import Doctor
import Foundation
import HostState
import NetAddress
import Testing

/// The public key of `soundHost`.
let hostKey = PublicKey(filledWith: 7)

extension PublicKey {
    /// 32 equal bytes.
    init(filledWith byte: UInt8) {
        guard let key = PublicKey(bytes: [UInt8](repeating: byte, count: 32)) else { fatalError("32 bytes are a key") }
        self = key
    }
}

/// A host on which nothing is wrong, and an overlay on it; tests break one thing each.
func soundHost() -> HostInspection {
    let modules = Dictionary(
        uniqueKeysWithValues: KernelFacts.relevantModules.map { ($0, KernelFacts.Module.loadable) })
    return HostInspection(
        kernel: KernelFacts(release: "6.1.0-18-amd64", modules: modules),
        podman: PodmanFacts(
            socketPath: "/run/podman/podman.sock",
            service: .seen(.init(version: "4.3.1", networkBackend: "netavark", runtime: "crun")),
            programVersion: "4.3.1", programs: ["netavark", "crun", "nft", "iptables"]),
        services: ServiceFacts(processes: ["systemd", "wgd"]),
        network: NetworkFacts(
            links: .seen([
                .init(name: "eth0"), .init(name: "wg0", kind: "wireguard", isOurs: true),
                .init(name: "br-wg0", kind: "bridge", isOurs: true),
            ]), defaultRoutes: ["eth0"], udpPorts: [.init(number: 51820)]),
        networkd: NetworkdFacts(), networkManager: NetworkManagerFacts(),
        firewall: FirewallFacts(nftables: .seen("{\"nftables\": []}")),
        sysctls: SysctlFacts(values: ["net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"]),
        clock: ClockFacts(isSynchronised: true, now: 1_800_000_000, lastRecord: 1_799_999_990),
        daemon: DaemonFacts(
            state: .init(path: "/var/lib/wgctl", mode: 0o700, owner: 0, freeBytes: 1 << 30, freeFiles: 1 << 20),
            key: .seen(.present(hostKey)), manifests: .init(path: "/etc/wgctl/manifests", manifests: .seen(3)),
            processes: .seen([42])))
}

/// `overlay-net` with both families.
func overlay(backend: DesiredLink.Implementation = .auto) throws -> ExpectedHost {
    var expected = ExpectedHost(
        tunnels: [
            .init(
                names: InterfaceNames(wireguard: "wg0"), listenPort: 51820, backend: backend,
                subnets: [try #require(CIDR("10.0.0.0/24")), try #require(CIDR("fd00::/64"))])
        ], routesIPv6: 2)
    expected.identity = .init(node: "host-a", publicKey: hostKey)
    return expected
}

/// What is wrong, as one text.
func complaints(_ diagnoses: [Diagnosis]) -> String {
    diagnoses.filter { $0.severity != .ok }.map { diagnosis in
        let head = "\(diagnosis.severity.rawValue) \(diagnosis.area.rawValue)/\(diagnosis.check): \(diagnosis.found)\n"
        let lines = (diagnosis.why.isEmpty ? [] : ["why: \(diagnosis.why)"]) + diagnosis.remedy
        return head + lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
    }.joined()
}
