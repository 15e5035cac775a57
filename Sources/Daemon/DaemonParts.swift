internal import PodmanState
internal import FirewallState
internal import Convergence
internal import NetworkState
internal import Firewall
internal import Foundation
internal import Glibc
internal import HostState
internal import Logging
internal import ManifestWatch
internal import NetAddress
internal import Podman
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import WireGuard

/// The parts of a running daemon and who wakes whom.
struct DaemonParts: Sendable {
    /// `node` is the Node that this host serves: decided once, before anything is made of it.
    let options: DaemonOptions
    let stop = StopRequest()
    let startedAt = Date()
    let world = World()
    let signals = Signals()
    let records: Records
    /// Why nothing is kept across a restart; nil when it is.
    let storageWarning: String?
    let recorder: Recorder
    let keys: HostKey
    let routes: RouteNetlinkBackend
    let wireguard: WireGuardBackend
    let podman: PodmanBackend
    let slowSteps: SlowSteps
    let firewall: FirewallBackend
    let networkBackend: NetworkBackend
    let network: Lane<NetworkBackend>
    let podmanLane: Lane<PodmanLaneBackend>
    let firewallLane: Lane<FirewallLaneBackend>
    let monitor: PeerMonitor
    let resolver: NameResolver
    let source: ManifestSource
    let controller: HostController

    /// - Parameters:
    ///   - predecessor: what a daemon of this process, which ended to serve another Node, hands on.
    ///   - goingOn: its steps that wait for containers to end, and have no owner any more.
    init(
        options given: DaemonOptions, logger: Logger, after predecessor: Continuation? = nil,
        with goingOn: SlowSteps? = nil
    ) async throws {
        let (records, storageWarning) = try await DaemonParts.openRecords(given.databasePath)
        self.records = records
        self.storageWarning = storageWarning
        keys = HostKey(store: KeyStore(directory: given.keyDirectory))
        let identities: Identities
        if let predecessor { identities = predecessor.identities } else { identities = try await records.identities() }
        let (served, record) = await ServedNode.atStart(given, records: records, keys: keys, after: predecessor)
        var options = given
        options.node = served.name
        self.options = options
        let nameChange = served.remark(called: given.hostName)
        recorder = Recorder(world: world, records: records, localNode: options.node, logger: logger)
        routes = try RouteNetlinkBackend()
        wireguard = try WireGuardBackend()
        let (seal, sealWarning) = DaemonParts.hostSeal(options.keyDirectory)
        let podman = PodmanBackend(
            socketPath: options.podmanSocket, node: identities.original(ofNode: options.node), seal: seal
        ) { [world] id in
            world.read { $0.inventory.owns(id: id) }
        }
        self.podman = podman
        let slowSteps = goingOn ?? SlowSteps()
        self.slowSteps = slowSteps
        firewall = try FirewallBackend()
        let inventory = try await records.inventory()
        let isWithoutHistory = try await records.lastGood().isEmpty
        let resolved = try await records.resolved()
        world.mutate { state in
            state.inventory = inventory
            state.resolved = resolved
            state.identities = identities
            state.nameChange = nameChange
            if isWithoutHistory { state.sparing = [.network, .podman] }
            state.sparing.formUnion(predecessor?.sparing ?? [])
        }
        let recorder = recorder
        let inventoryRecords = InventoryRecords(world: world, records: records, recorder: recorder)
        let monitor = PeerMonitor(world: world) {
            await recorder.refresh()
            await recorder.notify()
        }
        self.monitor = monitor
        let networkBackend = NetworkBackend(
            world: world, routes: routes, wireguard: wireguard, keys: keys, records: inventoryRecords,
            recorder: recorder, signals: signals, monitor: monitor)
        let networkLane = Lane(name: .network, backend: networkBackend, resync: options.resync, logger: logger)
        self.networkBackend = networkBackend
        let podmanLane = Lane(
            name: .podman,
            backend: PodmanLaneBackend(
                world: world, localNode: options.node, podman: podman, slowSteps: slowSteps,
                records: inventoryRecords, recorder: recorder, signals: signals),
            resync: options.resync, logger: logger)
        await slowSteps.attach(
            SlowSteps.Owner(
                onBegin: { change in
                    let now = Int64(Date().timeIntervalSince1970)
                    return await inventoryRecords.amend { $0.begin(change, at: now) }
                }, apply: { try await podman.apply($0) },
                onLateEnd: { [world] change, error in
                    let outcome = Outcome(change, error: error)
                    await inventoryRecords.amend { $0.didApply([outcome]) }
                    await recorder.ended(outcome, podmanLane.note(outcome, wanted: world.read { $0.revision }))
                },
                wake: { change, error in
                    let words = change.words
                    podmanLane.wake("\(error == nil ? "done" : "failed"): \(words.action) \(words.target)")
                }))
        let firewallLane = Lane(
            name: .firewall,
            backend: FirewallLaneBackend(
                world: world, localNode: options.node, firewall: firewall, podman: podman, records: inventoryRecords,
                recorder: recorder),
            resync: options.resync, logger: logger)
        self.firewallLane = firewallLane
        network = networkLane
        self.podmanLane = podmanLane
        let resolver = NameResolver(world: world, records: records) { networkLane.wake("names") }
        self.resolver = resolver
        signals.connect(
            network: { networkLane.wake($0, isPressing: $1) }, podman: { podmanLane.wake($0, isPressing: $1) },
            firewall: { firewallLane.wake($0, isPressing: $1) }, names: { resolver.wake() },
            part: { scope in
                await networkLane.anticipate("manifests", isDrift: false) { networkBackend.anticipate(scope) }
            })
        source = ManifestSource(
            directory: options.manifestDirectory, rescanInterval: options.resync,
            trust: SourceTrust(options).trust(isUpgraded: !isWithoutHistory))
        controller = try await HostController(
            options: options, world: world, records: records, recorder: recorder, keys: keys, routes: routes,
            signals: signals, journal: DaemonParts.journal(options, logger), stop: stop, served: record,
            evidence: EvidenceSource(routes: routes, wireguard: wireguard, podman: podman), logger: logger)
        if let recovered = records.recovered {
            await recorder.event(
                .warning, Reason.databaseRecovered,
                "\(options.databasePath) was corrupt and is set aside as \(recovered); nothing is removed at "
                    + "the first look, and nothing ever that is not marked as ours", regarding: .node(options.node))
        }
        if let storageWarning { await recorder.storageFailed(storageWarning) }
        if let sealWarning { await recorder.storageFailed(sealWarning) }
    }

    /// What seals of this host are made with. Without it the network converges all the same.
    private static func hostSeal(_ directory: String) -> (HostSeal?, warning: String?) {
        do { return (try HostSeal(directory: directory), nil) } catch {
            return (
                nil,
                "\(error): containers are made without a seal; if the state database is lost, too, wgd does not know "
                    + "them as its own"
            )
        }
    }

    /// A parser that hangs cannot be stopped but with the process; the next one sets the file aside.
    private static func journal(_ options: DaemonOptions, _ logger: Logger) -> ParseJournal {
        let limit = options.parseTimeout
        let journal = ParseJournal(path: options.parseJournalPath, limit: limit) { path in
            logger.critical("reading \(path) has not ended after \(limit): wgd ends, to start again without it")
            _exit(1)
        }
        if let fault = journal.fault {
            logger.warning("\(fault); until then a manifest that ends wgd is not set aside at its next start")
        }
        return journal
    }

    /// The database, or its stand-in in memory when the disk refuses: the network converges all the same.
    ///
    /// - Throws: `RecordsError.newerVersion`: a newer program's state is not to be ignored.
    static func openRecords(_ path: String) async throws(RecordsError) -> (Records, warning: String?) {
        do {
            let records = try Records(path: path)
            // What the start needs must be readable too.
            _ = try await records.inventory()
            _ = try await records.lastGood()
            _ = try await records.creationTimestamps()
            _ = try await records.resolved()
            _ = try await records.identities()
            return (records, nil)
        } catch {
            if case .newerVersion = error { throw error }
            return (
                try Records.inMemory(copying: path),
                "\(error): wgd runs without persistence, and events are lost when it stops; restart it when that is mended"
            )
        }
    }

    func followKernel() async {
        // A routing daemon's churn is of no concern to the lane, which looks at no foreign route elsewhere.
        for await hint in routes.drift() where hint.isOfConcern {
            if let gone = hint.routesToRestore {
                let scope = KernelScope(destinations: Set(gone.map(\.destination)))
                await network.anticipate(hint.summary, isDrift: true) { networkBackend.anticipate(scope, gone: gone) }
            }
            world.mutate { $0.kernelHints += 1 }
            network.wake(hint.summary)
        }
    }

    func followFirewall() async {
        for await hint in firewall.drift { firewallLane.wake(hint) }
        // A kernel without netfilter's notifications: a service that ends counts as failed.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    func followPodman() async {
        for await hint in podman.drift() { podmanLane.wake(hint.text) }
    }

    /// Pulls take long and run beside the lane: each step is an event, and an end wakes it.
    func followPulls() async {
        for await progress in podman.pullProgress() {
            let regarding = ResourceReference.container(progress.container)
            switch progress.phase {
            case .started, .layer: await recorder.event(.normal, Reason.pulling, progress.text, regarding: regarding)
            case .done: await recorder.event(.normal, Reason.pulled, progress.text, regarding: regarding)
            case .failed: await recorder.event(.warning, Reason.errImagePull, progress.text, regarding: regarding)
            }
            switch progress.phase {
            case .done, .failed: podmanLane.wake(progress.text)
            case .started, .layer: break
            }
        }
    }

    /// So that wgctl can say since when no daemon answers, and in which way manifests are watched; and that the clock
    /// has jumped, while this daemon runs or since the last one did.
    func beat() async {
        if let last = try? await records.lastHeartbeat(), last.timeIntervalSinceNow > Double(HandshakeClock.tolerance) {
            await recorder.clockJumped(by: -Int64(last.timeIntervalSinceNow * 1000))
        }
        while !Task.isCancelled {
            for jump in world.clock.untold() { await recorder.clockJumped(by: jump) }
            try? await records.heartbeat()
            await controller.noteDegradation(source.degradedReason)
            await controller.noteSecurity(source.security)
            try? await Task.sleep(for: .seconds(10))
        }
    }
}
