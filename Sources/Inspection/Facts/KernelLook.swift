internal import Doctor

/// The kernel's version and features. Loads nothing to find them.
struct KernelLook {
    let root: HostRoot

    func facts() -> KernelFacts {
        let release =
            (root.text("/proc/sys/kernel/osrelease") ?? "").split { $0.isWhitespace }.first.map(String.init) ?? ""
        let directory = root.exists("/lib/modules") ? "/lib/modules" : "/usr/lib/modules"
        let present = root.exists(directory) ? root.exists("\(directory)/\(release)") : nil
        let builtIn = root.text("\(directory)/\(release)/modules.builtin") ?? ""
        let loadable = root.text("\(directory)/\(release)/modules.dep", limit: 16 << 20) ?? ""
        // A kernel without a list of built-in modules still lists its functions.
        let symbols = present == true ? nil : root.text("/proc/kallsyms", limit: 64 << 20)
        var modules: [String: KernelFacts.Module] = [:]
        for name in KernelFacts.relevantModules {
            modules[name] = module(name, builtIn: builtIn, loadable: loadable, symbols: symbols)
        }
        let paths = ["/usr/bin/wireguard-go", "/usr/local/bin/wireguard-go"]
        return KernelFacts(
            release: release, modules: modules, hasModuleDirectory: present,
            hasTunDevice: root.exists("/dev/net/tun"), wireguardGo: root.first(paths),
            hasIPv6: root.exists("/proc/thread-self/net/if_inet6"))
    }

    /// A function that only this part of the kernel has.
    private static let functions = [
        "wireguard": "wg_newlink", "bridge": "br_add_if", "veth": "veth_newlink", "nf_tables": "nft_do_chain",
        "tun": "tun_chr_open",
    ]

    private func module(
        _ name: String, builtIn: String, loadable: String, symbols: String?
    ) -> KernelFacts.Module {
        // modules.builtin spells some names with a dash.
        let files = [name, name.replacing("_", with: "-")].map { "/\($0).ko" }
        if root.exists("/sys/module/\(name)/refcnt") { return .loaded }
        if root.exists("/sys/module/\(name)") || files.contains(where: builtIn.contains) { return .builtIn }
        if files.contains(where: loadable.contains) { return .loadable }
        guard let function = Self.functions[name], let symbols, !symbols.isEmpty else {
            return loadable.isEmpty ? .unknown : .missing
        }
        return symbols.contains(" \(function)\n") ? .builtIn : .missing
    }
}
