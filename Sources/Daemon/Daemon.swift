internal import CLinux
internal import ControlAPI
internal import Foundation
internal import Glibc
public import Logging
internal import ManifestWatch
internal import Podman
internal import Probes
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import ServiceLifecycle
internal import UnixSignals
internal import WireGuard

/// `wgd`: everything wired together, once, for the life of the process.
public struct Daemon: Sendable {
    private let options: DaemonOptions
    private let logger: Logger

    public init(options: DaemonOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or `wgctl down`; leaves the network as it is, save after `down`.
    ///
    /// - Throws: `InstanceLock.LockError` when another daemon runs; what the state directory, the database or the
    ///   kernel's sockets refuse.
    public func run() async throws {
        // A core dump would hold the private key (invariant I6).
        _ = clinux_forbid_core_dumps()
        clinux_share_heaps()
        try StateDirectory.prepare(options.stateDirectory)
        try StateDirectory.makeParents(of: options.controlSocket)
        let lock = try InstanceLock.acquire(options)
        var predecessor: Continuation?
        repeat {
            predecessor = try await serve(after: predecessor)
        } while predecessor != nil
        withExtendedLifetime(lock) {}
    }

    /// Serves one Node until it is asked to stop.
    ///
    /// - Returns: what to go on with, for another Node; nil when the daemon ends.
    private func serve(after predecessor: Continuation?) async throws -> Continuation? {
        let parts = try await DaemonParts(options: options, logger: logger, after: predecessor)
        let options = parts.options
        let provider = DaemonControl(parts: parts)
        let saver = PacedTask { await provider.saveReport() }
        await parts.recorder.onChange { await saver.request() }
        let control = ControlServer(socketPath: options.controlSocket, provider: provider)

        let services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: Loop("control") { try await control.run() }),
            .init(service: Loop("network lane") { await parts.network.run() }),
            .init(service: Loop("podman lane") { await parts.podmanLane.run() }),
            .init(service: Loop("firewall lane") { await parts.firewallLane.run() }),
            .init(service: Loop("kernel drift") { await parts.followKernel() }),
            .init(service: Loop("host conflicts") { await parts.controller.followHost() }),
            .init(service: Loop("host policy") { await parts.controller.followPolicy() }),
            .init(service: Loop("firewall drift") { await parts.followFirewall() }),
            .init(service: Loop("podman drift") { await parts.followPodman() }),
            .init(service: Loop("podman pulls") { await parts.followPulls() }),
            .init(service: Loop("peers") { await parts.monitor.run() }),
            .init(service: Loop("names") { await parts.resolver.run() }),
            .init(service: Loop("heartbeat") { await parts.beat() }),
            .init(service: Loop("memory") { await FreeMemory.keepLow() }),
            .init(service: Loop("manifests") { await parts.controller.run(parts.source) }),
            .init(
                service: Loop("stop") { await parts.stop.wait() }, successTerminationBehavior: .gracefullyShutdownGroup),
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
            return successor
        }
        let rest = parts.world.snapshot.isGoingDown ? "the network was taken away by `wgctl down`" : "the network stays"
        await parts.recorder.event(.normal, Reason.stopped, "wgd stops; \(rest)", regarding: "node/\(options.node)")
        await provider.saveReport()
        return nil
    }
}

/// A loop as a service: cancelled when the daemon is asked to stop.
private struct Loop: Service {
    let name: String
    let body: @Sendable () async throws -> Void

    init(_ name: String, body: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.body = body
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await body() }
    }
}
