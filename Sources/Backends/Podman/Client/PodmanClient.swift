internal import Descriptors
public import HostState
public import PodmanState
internal import UnixHTTP

/// Observes and changes Podman through its REST API (libpod v4, tested with 4.3.1).
///
/// Every request has a deadline; failures are `PodmanError`s.
public actor PodmanClient {
    let client: LibpodClient
    let node: String
    /// nil: created objects carry no seal, and are identified only by id.
    let seal: HostSeal?
    /// Called with the id right before anything is stopped, restored or removed.
    let owns: @Sendable (String) -> Bool
    let puller: ImagePuller
    private nonisolated let pulls = Broadcast<PullProgress>(limit: 256)
    private nonisolated let hints = Broadcast<PodmanHint>(limit: 64)
    /// The results of inspections, by container id.
    var inspected: [String: Inspection] = [:]

    /// - Parameters:
    ///   - node: the name of this host's Node, for the labels of networks.
    ///   - seal: creates and checks the seals of this host.
    ///   - owns: whether the container or network of an id is ours; nothing else is stopped or removed.
    ///   - pullBackOff: after the first failed pull of an image; doubled with each further one, at most 30 times as
    ///     long.
    public init(
        socketPath: String = "/run/podman/podman.sock", node: String, seal: HostSeal? = nil,
        pullBackOff: Duration = .seconds(10), owns: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.node = node
        self.seal = seal
        self.owns = owns
        client = LibpodClient(socketPath: socketPath)
        puller = ImagePuller(client: client, progress: pulls, firstBackOff: pullBackOff) { [hints] image in
            hints.send(PodmanHint(text: "image \(image): the pull ended"))
        }
    }

    /// The number of writing requests sent.
    public nonisolated var writes: Int { client.writes }

    /// The last error of each image that could not be pulled, until it is.
    public func pullErrors() async -> [String: String] { await puller.errors }

    /// The images pulled within the last five minutes, which satisfies `imagePullPolicy: Always`.
    public func freshImages() async -> Set<String> { await puller.fresh }

    /// The images that could not be pulled, and when the next attempt may begin.
    public func restingImages() async -> [String: ContinuousClock.Instant] { await puller.resting }

    /// The steps of every pull, from now on.
    public nonisolated func pullProgress() -> AsyncStream<PullProgress> { pulls.stream() }

    /// Hints that containers or networks may have changed, by us or others, and that a pull ended.
    ///
    /// Follows Podman's events, reconnecting for as long as the stream is read. A missed hint only costs time until the
    /// next observation.
    public nonisolated func drift() -> AsyncStream<PodmanHint> {
        let watch = DriftWatch(client: client) { [hints] text in hints.send(PodmanHint(text: text)) }
        let (ready, signal) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in ready { break }
            await watch.run()
        }
        let stream = hints.stream { task.cancel() }
        // The watch begins once its hints have a reader.
        signal.finish()
        return stream
    }

    /// Applies one step. A pull only begins here; it is in `ObservedPodman.pulling` until it ends.
    ///
    /// - Parameters:
    ///   - nonce: the nonce that the inventory has for the created object; it becomes part of its seal.
    ///   - onCreated: receives the id of a container or network as soon as Podman has created it, before it is started.
    /// - Throws: `PodmanError`.
    public func apply(
        _ change: PodmanChange, nonce: String = Nonce.random(), onCreated: @Sendable (String) async -> Void = { _ in }
    ) async throws {
        switch change {
        case .createNetwork(let network): await onCreated(try await create(network, nonce: nonce))
        case .removeNetwork(let name): try await removeNetwork(name)
        case .pullImage(let container): await puller.start(image: container.image, container: container.name)
        case .createContainer(let container):
            let id = try await create(container, nonce: nonce)
            await onCreated(id)
            try await start(container.name, id: id)
        case .startContainer(let container, let id): try await start(container.name, id: id)
        case .haltContainer(let container, let id): try await halt(container.name, id: id)
        case .restoreContainer(let container, let id, let faults): try await restore(container, id: id, faults)
        case .removeContainer(let name, let id, let timeout): try await remove(name, id: id, timeout: timeout)
        }
    }
}
