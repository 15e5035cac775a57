import Firewall
import HostState
import NetAddress
import TestSupport
import Testing

/// A namespace with a backend inside it.
struct Host {
    let namespace: NetworkNamespace
    let backend: FirewallClient

    /// - Parameter program: in place of the real `nft`.
    init(program: String? = nil) throws {
        let namespace = try NetworkNamespace()
        self.namespace = namespace
        backend = try namespace.enter { try FirewallClient(program: program) }
    }

    static let wanted = DesiredFirewall(clampedInterfaces: ["wg0", "wg1"])
    static let table = ObservedFirewall.Table(clampedInterfaces: ["wg0", "wg1"], isMarked: true)

    @discardableResult
    func nft(_ arguments: String...) throws -> String {
        try run(["ip", "netns", "exec", namespace.name, "nft"] + arguments)
    }

    func table() async throws -> ObservedFirewall.Table? { try await backend.observe(podmanSubnets: []).table }

    func missing(_ subnets: [CIDR]) async throws -> [CIDR] {
        try await backend.observe(podmanSubnets: Set(subnets)).subnetsWithoutRules
    }
}
