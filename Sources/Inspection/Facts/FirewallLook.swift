internal import Descriptors
internal import Doctor
internal import Glibc

/// The rules of netfilter, as the real programs print them.
struct FirewallLook {
    let root: HostRoot
    /// False while the kernel has not loaded nftables: then there are no rules, and listing them would load it.
    let hasNftables: Bool

    private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin"]

    func facts(isUfwEnabled: Bool) -> FirewallFacts {
        FirewallFacts(nftables: nftables(), iptables: iptables(), isUfwEnabled: isUfwEnabled)
    }

    private func nftables() -> Look<String> {
        guard geteuid() == 0 else { return .unseen("only root may read them") }
        guard hasNftables else { return .seen("{\"nftables\": []}") }
        guard let nft = program("nft") else {
            return .unseen("nft is not installed (apt-get install nftables)")
        }
        return run(nft, ["-j", "list", "ruleset"])
    }

    private func iptables() -> [FirewallFacts.IptablesDump] {
        guard geteuid() == 0 else { return [] }
        return [("iptables", "ip_tables_names"), ("ip6tables", "ip6_tables_names")].flatMap { family, names in
            // Listing rules with iptables-legacy would load its kernel modules.
            let isLegacyUsed = root.text("/proc/thread-self/net/\(names)")?.isEmpty == false
            let variants = (hasNftables ? ["nft"] : []) + (isLegacyUsed ? ["legacy"] : [])
            return variants.compactMap { variant -> FirewallFacts.IptablesDump? in
                guard let path = program("\(family)-\(variant)-save"), case .seen(let text) = run(path, []) else {
                    return nil
                }
                return FirewallFacts.IptablesDump(program: "\(family)-\(variant)", text: text)
            }
        }
    }

    private func program(_ name: String) -> String? { root.first(Self.directories.map { "\($0)/\(name)" }) }

    private func run(_ path: String, _ arguments: [String]) -> Look<String> {
        let program = Program(path: path, arguments: arguments, keepsErrors: false, outputLimit: 64 << 20)
        switch program.run(timeout: .seconds(10)) {
        case .failure(let error): return .unseen("\(path): \(SystemError.text(of: error.code))")
        case .success(nil): return .unseen("\(path) did not end within 10 s")
        case .success(let outcome?):
            return outcome.isSuccess ? .seen(outcome.text) : .unseen("\(path) ended with an error")
        }
    }
}
