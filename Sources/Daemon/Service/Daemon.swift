internal import CLinux
internal import ControlAPI
internal import Convergence
internal import Foundation
internal import Glibc
public import Logging
internal import ManifestWatch
internal import Podman
internal import PodmanLane
internal import Probes
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import ServiceLifecycle
internal import UnixSignals
internal import WireGuard

/// `wgd`: connects all parts, once, for the life of the process.
public struct Daemon: Sendable {
    private let options: DaemonOptions
    private let logger: Logger

    public init(options: DaemonOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or `wgctl down`; leaves the network unchanged, except after `down`.
    ///
    /// - Throws: `InstanceLock.LockError` when another daemon runs; errors of the state directory, the database or the
    ///   kernel's sockets.
    public func run() async throws {
        // A core dump would contain the private key (invariant I6).
        _ = clinux_forbid_core_dumps()
        clinux_share_heaps()
        try StateDirectory.prepare(options.stateDirectory)
        let lock = try InstanceLock.acquire(options)
        var predecessor: (Continuation, SlowSteps)?
        repeat {
            predecessor = try await serve(after: predecessor)
        } while predecessor != nil
        withExtendedLifetime(lock) {}
    }

    /// Serves one Node until it is asked to stop.
    ///
    /// - Returns: what to continue with for another Node, and its running steps; nil when the daemon ends.
    private func serve(
        after predecessor: (continuation: Continuation, slowSteps: SlowSteps)?
    ) async throws -> (Continuation, SlowSteps)? {
        let parts = try await DaemonParts(
            options: options, logger: logger, after: predecessor?.continuation, with: predecessor?.slowSteps)
        let options = parts.options
        let provider = DaemonControl(parts: parts)
        let saver = PacedTask { await provider.saveReport() }
        await parts.recorder.onChange { await saver.request() }
        let control = ControlServer(
            socketPath: options.controlSocket, group: SocketGroup.id(options.socketGroup), provider: provider)

        let health = ServiceHealth(board: parts.board, recorder: parts.recorder, localNode: options.node) {
            await saver.request()
        }
        func service(
            _ name: String, _ body: @escaping @Sendable (_ works: @escaping @Sendable () -> Void) async throws -> Void
        ) -> ServiceGroupConfiguration.ServiceConfiguration {
            .init(service: SupervisedService(name: name, health: health, body: body))
        }

        let laneServices = parts.lanes.all.flatMap { lane in
            [
                service("\(lane.name) lane") { _ in await lane.run() },
                service("watch over \(lane.traits.noun)") { _ in await lane.watch() },
            ]
        }
        let services: [ServiceGroupConfiguration.ServiceConfiguration] =
            [
                service("control socket") { [options] works in
                    try StateDirectory.makeParents(of: options.controlSocket)
                    try await control.run(onListening: works)
                }
                // The lanes stop after the services that wake them: every change is verified by a lane.
            ] + laneServices + [
                service("watch over this host's routes and addresses") { _ in await parts.controller.followHost() },
                service("watch over the host policy") { _ in await parts.controller.followPolicy() },
                service("report of image pulls") { _ in await parts.followPulls() },
                service("peer monitor") { _ in await parts.monitor.run() },
                service("resolver of names") { _ in await parts.resolver.run() },
                service("heartbeat") { _ in await parts.beat() },
                service("memory watch") { _ in await FreeMemory().keepLow() },
                service("watch over the manifests") { _ in
                    for await update in parts.source.updates() { parts.controller.inbox.send(.manifests(update)) }
                },
                service("controller") { _ in await parts.controller.run() },
                // The end of this service ends the daemon, after `wgctl down`.
                .init(service: Stop(request: parts.stop), successTerminationBehavior: .gracefullyShutdownGroup),
            ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        logger.info(
            "wgd \(ProgramVersion.current) serves node \(options.node) from \(options.manifestDirectory)",
            metadata: ["pid": "\(getpid())"])
        try await ServiceGroup(configuration: configuration).run()
        if let successor = parts.stop.successor {
            logger.info("wgd goes on as node \(successor.served.node)")
            // The end of a step reported to these parts would overwrite the successor's inventory.
            await parts.slowSteps.detach()
            await parts.disk.drain(atMost: .seconds(10))
            parts.disk.stop()
            return (successor, parts.slowSteps)
        }
        let rest = parts.board.facts.isGoingDown ? "the network was taken away by `wgctl down`" : "the network stays"
        await parts.recorder.event(.normal, Reason.stopped, "wgd stops; \(rest)", regarding: .node(options.node))
        await parts.disk.drain(atMost: .seconds(2))
        await provider.saveReport()
        return nil
    }
}

/// Ends when `wgctl down` asks for it.
private struct Stop: Service {
    let request: StopRequest

    func run() async throws { await cancelWhenGracefulShutdown { await request.wait() } }
}
