internal import Descriptors
public import Doctor
internal import Glibc
internal import HostState
internal import Podman
internal import RouteNetlink

/// Inspects this host for `Doctor`, and changes nothing on it.
public struct HostInspector: Sendable {
    public var root: HostRoot
    public var stateDirectory: String
    /// Where the private key is.
    public var keyDirectory: String
    public var manifestDirectory: String
    public var podmanSocket: String

    public init(
        root: HostRoot = HostRoot(), stateDirectory: String, keyDirectory: String, manifestDirectory: String,
        podmanSocket: String
    ) {
        self.root = root
        self.stateDirectory = stateDirectory
        self.keyDirectory = keyDirectory
        self.manifestDirectory = manifestDirectory
        self.podmanSocket = podmanSocket
    }

    /// Blocks for as long as programs take, each at most 10 s.
    ///
    /// - Parameter ports: the UDP ports that matter.
    public func inspect(ports: Set<UInt16>) async -> HostInspection {
        let kernel = KernelLook(root: root).facts()
        let processes = ProcessLook(root: root).processes()
        let network = NetworkLook(root: root)
        let configuration = ConfigurationLook(root: root)
        let daemon = DaemonLook(
            root: root, stateDirectory: stateDirectory, keyDirectory: keyDirectory,
            manifestDirectory: manifestDirectory)
        let hasNftables = [.loaded, .builtIn, .unknown].contains(kernel.modules["nf_tables"] ?? .unknown)
        let defaultRoutes = network.defaultRoutes()
        let advertisedRoutes = network.advertisedRoutes()
        return HostInspection(
            kernel: kernel, podman: await podman(), services: ProcessLook(root: root).services(processes),
            network: NetworkFacts(
                links: await links(), defaultRoutes: defaultRoutes, advertisedRoutes: advertisedRoutes,
                udpPorts: network.udpPorts(ports, processes: processes)),
            networkd: configuration.networkd(), networkManager: configuration.networkManager(),
            firewall: FirewallLook(root: root, hasNftables: hasNftables).facts(
                isUfwEnabled: configuration.isUfwEnabled()),
            sysctls: sysctls(defaultRoutes, advertisedRoutes, files: configuration.sysctlFiles()),
            clock: daemon.clock(), daemon: daemon.facts(processes: processes))
    }

    private func sysctls(
        _ defaultRoutes: Set<String>, _ advertisedRoutes: Set<String>, files: [TextFile]
    ) -> SysctlFacts {
        let keys =
            [
                "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/all/disable_ipv6",
                "net/ipv6/route/max_size", "net/ipv4/conf/all/rp_filter",
            ] + defaultRoutes.map { "net/ipv4/conf/\($0)/rp_filter" }
            + advertisedRoutes.map { "net/ipv6/conf/\($0)/accept_ra" }
        var values: [String: String] = [:]
        for key in keys {
            values[key] = root.text("/proc/sys/\(key)")?.split { $0.isWhitespace }.first.map(String.init)
        }
        var mount = statvfs()
        let isKnown = statvfs(root.real("/proc/sys"), &mount) == 0
        return SysctlFacts(
            values: values, isReadOnly: isKnown && mount.f_flag & UInt(ST_RDONLY) != 0, files: files)
    }

    private func links() async -> Look<[NetworkFacts.Link]> {
        do {
            let observed = try await RouteNetlinkClient().observe(sysctls: [])
            return .seen(
                observed.links.values.sorted { $0.name < $1.name }.map { link in
                    let isOurs = link.alias.flatMap(OwnershipMark.overlay) != nil
                    return NetworkFacts.Link(name: link.name, kind: link.kind, isOurs: isOurs)
                })
        } catch {
            return .unseen("\(error)")
        }
    }

    private func podman() async -> PodmanFacts {
        let directories = [
            "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/lib/podman", "/usr/libexec/podman",
        ]
        let path = root.first(directories.map { "\($0)/podman" })
        var version: String?
        if let path,
            case .success(let outcome?) = Program(path: path, arguments: ["--version"]).run(timeout: .seconds(10))
        {
            version = outcome.text.split { $0.isWhitespace }.last.map(String.init)
        }
        let programs = PodmanFacts.relevantPrograms.filter { name in
            root.first(directories.map { "\($0)/\(name)" }) != nil
        }
        return PodmanFacts(
            socketPath: podmanSocket, service: await service(), programVersion: version, programs: Set(programs))
    }

    private func service() async -> Look<PodmanFacts.Service> {
        do {
            let service = try await PodmanClient(socketPath: root.real(podmanSocket), node: "").service()
            return .seen(
                PodmanFacts.Service(
                    version: service.version, networkBackend: service.networkBackend, runtime: service.runtime))
        } catch let error as PodmanError {
            if error.isPermission { return .unseen(PodmanFacts.notAllowed) }
            if case .unreachable(let reason) = error.reason { return .unseen("\(reason)") }
            return .unseen("\(error)")
        } catch {
            return .unseen("\(error)")
        }
    }
}
