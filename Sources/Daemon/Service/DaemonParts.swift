internal import Convergence
internal import Descriptors
internal import Firewall
internal import FirewallState
internal import Foundation
internal import Glibc
internal import HostState
internal import Logging
internal import ManifestWatch
internal import NetAddress
internal import NetworkLane
internal import NetworkState
internal import Podman
internal import PodmanLane
internal import PodmanState
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import WireGuard

/// The parts of a running daemon and which part wakes which.
struct DaemonParts: Sendable {
    /// `node` is the Node that this host serves: decided once, before anything else is created.
    let options: DaemonOptions
    let stop = StopRequest()
    let startedAt = Date()
    let board = FactBoard()
    let disk = DiskQueue()
    let clock = HostClock()
    let records: Records
    /// Why nothing is kept across a restart; nil when it is.
    let storageWarning: String?
    let recorder: Recorder
    let keys: HostKey
    let routes: RouteNetlinkClient
    let wireguard: WireGuardClient
    let podman: PodmanClient
    let slowSteps: SlowSteps
    let inventory: InventoryRecords
    let lanes: LaneRegistry
    let monitor: PeerMonitor
    let resolver: NameResolver
    let source: ManifestSource
    let controller: HostController

    /// - Parameters:
    ///   - predecessor: what a daemon of this process, which ended to serve another Node, passes on.
    ///   - goingOn: its steps that still wait for containers to end.
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
        recorder = Recorder(
            board: board, records: records, disk: disk, localNode: options.node, logger: logger)
        routes = try RouteNetlinkClient()
        wireguard = try WireGuardClient()
        let (seal, sealWarning) = DaemonParts.hostSeal(options.keyDirectory)
        let podman = PodmanClient(
            socketPath: options.podmanSocket, node: identities.original(ofNode: options.node), seal: seal
        ) { [board] id in
            board.read(InventoryState.self).inventory.owns(id: id)
        }
        self.podman = podman
        let slowSteps = goingOn ?? SlowSteps()
        self.slowSteps = slowSteps
        let kept = try await records.inventory()
        let isWithoutHistory = try await records.lastGood().isEmpty
        let resolved = try await records.resolved()
        board.prepare { facts in
            facts[InventoryState.self].inventory = kept
            // Through the same filter as new answers: an earlier release may have recorded a loopback address.
            for (name, found) in resolved where !found.isEmpty { _ = facts[ResolvedNames.self].take(found, for: name) }
            facts[HostIdentity.self].node = served.name
            facts[HostIdentity.self].identities = identities
            facts[HostIdentity.self].nameChange = nameChange
        }
        let recorder = recorder
        let inventory = InventoryRecords(
            state: board.writer(), records: records, disk: disk, recorder: recorder)
        self.inventory = inventory
        await recorder.keep(inventory)
        let monitor = PeerMonitor(board: board, node: options.node, clock: clock) {
            await recorder.refresh()
            recorder.notify()
        }
        self.monitor = monitor
        let stillSparing = predecessor?.sparing ?? []
        lanes = await LaneRegistry(
            LaneRegistry.Parts(
                board: board, inventory: inventory, reporter: recorder, resync: options.resync,
                isSparing: { isWithoutHistory || stillSparing.contains($0) }, routes: routes, wireguard: wireguard,
                surroundings: NetworkBackend.Surroundings(
                    privateKey: { [keys] in keys.current }, clock: { [clock] in clock.read() },
                    onPeersAdded: { await monitor.peersProgrammed($0) }),
                podman: podman, slowSteps: slowSteps, firewall: try FirewallClient(), logger: logger))
        resolver = NameResolver(board: board, records: records, clock: clock)
        source = ManifestSource(
            directory: options.manifestDirectory, rescanInterval: options.resync,
            trust: SourceTrust(options).trust(isUpgraded: !isWithoutHistory))
        controller = try await HostController(
            options: options, board: board, facts: ControllerFacts(board), inventory: inventory, records: records,
            recorder: recorder, keys: keys, routes: routes, lanes: lanes, resolver: resolver,
            journal: DaemonParts.journal(options, logger), stop: stop, served: record,
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

    /// The key of this host's seals. The network converges without it.
    private static func hostSeal(_ directory: String) -> (HostSeal?, warning: String?) {
        do { return (try HostSeal(directory: directory), nil) } catch {
            return (
                nil,
                "\(error): containers are made without a seal; if the state database is lost, too, wgd does not know "
                    + "them as its own"
            )
        }
    }

    /// Only ending the process can stop a parser that hangs; after two such ends the file is quarantined.
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

    /// The database, or a replacement in memory when the disk refuses: the network converges either way.
    ///
    /// - Throws: `RecordsError.newerVersion`: a newer program's state must not be ignored.
    static func openRecords(_ path: String) async throws(RecordsError) -> (Records, warning: String?) {
        do {
            // Checking a large database takes time.
            let records = try await QueueExecutor(label: "open records").run { () throws(RecordsError) in
                try Records(path: path)
            }
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

    /// Pulls take long and run beside the lane: each step is an event, and the end of a pull wakes the lane.
    func followPulls() async {
        for await progress in podman.pullProgress() {
            let regarding = ResourceReference.container(progress.container)
            switch progress.phase {
            case .started, .layer: await recorder.event(.normal, Reason.pulling, progress.text, regarding: regarding)
            case .done: await recorder.event(.normal, Reason.pulled, progress.text, regarding: regarding)
            case .failed: await recorder.event(.warning, Reason.errImagePull, progress.text, regarding: regarding)
            }
            switch progress.phase {
            case .done, .failed: lanes[.podman]?.wake(progress.text, isPressing: false)
            case .started, .layer: break
            }
        }
    }

    /// Records heartbeats, so that wgctl can show for how long no daemon has answered. Also reports how manifests are
    /// watched, and clock jumps, both while this daemon runs and since the last one ran.
    func beat() async {
        if let last = try? await records.lastHeartbeat(), last.timeIntervalSinceNow > Double(HandshakeClock.tolerance) {
            await recorder.clockJumped(by: -Int64(last.timeIntervalSinceNow * 1000))
        }
        while !Task.isCancelled {
            for jump in clock.untold() { await recorder.clockJumped(by: jump) }
            try? await records.heartbeat()
            await controller.noteDegradation(source.degradedReason)
            await controller.noteSecurity(source.security)
            try? await Task.sleep(for: .seconds(10))
        }
    }
}
