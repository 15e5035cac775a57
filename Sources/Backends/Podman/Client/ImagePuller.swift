internal import Descriptors
internal import HostState
internal import UnixHTTP

/// Fetches images in the background, each at most once at a time, with back-off after a failure.
actor ImagePuller {
    private struct Failure {
        var message: String
        var count: Int
        var retryAt: ContinuousClock.Instant
    }

    /// A longer download is cancelled.
    private static let deadline: Duration = .seconds(1800)
    /// How long an image counts as just fetched.
    private static let freshness: Duration = .seconds(300)

    private let client: LibpodClient
    private let progress: Broadcast<PullProgress>
    private let onEnd: @Sendable (String) -> Void
    /// Doubled with each failure, up to 30 times as long, as in Kubernetes' image back-off.
    private let firstBackOff: Duration
    private var tasks: [String: Task<Void, Never>] = [:]
    private var failures: [String: Failure] = [:]
    private var pulledAt: [String: ContinuousClock.Instant] = [:]

    init(
        client: LibpodClient, progress: Broadcast<PullProgress>, firstBackOff: Duration,
        onEnd: @escaping @Sendable (String) -> Void
    ) {
        self.client = client
        self.progress = progress
        self.firstBackOff = firstBackOff
        self.onEnd = onEnd
    }

    deinit { for task in tasks.values { task.cancel() } }

    var pulling: Set<String> { Set(tasks.keys) }
    var errors: [String: String] { failures.mapValues(\.message) }
    var fresh: Set<String> {
        let now = ContinuousClock.now
        return Set(pulledAt.filter { $0.value + Self.freshness > now }.keys)
    }

    /// When the next attempt at each image that failed recently may begin.
    var resting: [String: ContinuousClock.Instant] {
        let now = ContinuousClock.now
        return failures.mapValues(\.retryAt).filter { tasks[$0.key] == nil && $0.value > now }
    }

    /// Begins to fetch an image unless it is being fetched, or failed recently.
    func start(image: String, container: String) {
        guard tasks[image] == nil else { return }
        if let failure = failures[image], failure.retryAt > .now { return }
        send(image, container, .started)
        tasks[image] = Task { [weak self, client, progress] in
            let result = await Result {
                try await Self.pull(image, client: client) { number in
                    progress.send(PullProgress(image: image, container: container, phase: .layer(number)))
                }
            }
            await self?.finish(image, container, result)
        }
    }

    private func finish(_ image: String, _ container: String, _ result: Result<String, any Error>) {
        tasks[image] = nil
        switch result {
        case .success(let id):
            failures[image] = nil
            pulledAt[image] = .now
            send(image, container, .done(id: id))
        case .failure(is CancellationError): break
        case .failure(let error):
            let count = (failures[image]?.count ?? 0) + 1
            let backOff = min(firstBackOff * (1 << min(count - 1, 5)), firstBackOff * 30)
            let message = (error as? PullFailure)?.message ?? "\(error)"
            failures[image] = Failure(message: message, count: count, retryAt: .now + backOff)
            send(image, container, .failed(message: message, retryAfter: Int(backOff.components.seconds)))
        }
        onEnd(image)
    }

    private func send(_ image: String, _ container: String, _ phase: PullProgress.Phase) {
        progress.send(PullProgress(image: image, container: container, phase: phase))
    }

    private struct PullFailure: Error { var message: String }

    /// A line of `/libpod/images/pull`: the status is 200 even when it fails.
    private struct Report: Decodable {
        var stream: String?
        var error: String?
        var id: String?
    }

    /// - Returns: the image's id.
    private static func pull(
        _ image: String, client: LibpodClient, onLayer: @escaping @Sendable (Int) -> Void
    ) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                let path = "/images/pull?policy=always&reference=\(PercentEncoding.encode(image))"
                let response = try await client.stream(.post, path, object: "image/\(image)")
                var layers: Set<String> = []
                var id: String?
                for try await line in response.lines where !line.isEmpty {
                    let report = try client.decode(Report.self, Array(line.utf8), object: "image/\(image)")
                    if let message = report.error { throw PullFailure(message: message) }
                    id = report.id ?? id
                    let words = (report.stream ?? "").split(whereSeparator: \.isWhitespace)
                    if words.starts(with: ["Copying", "blob"]), words.count > 2,
                        layers.insert(String(words[2])).inserted
                    {
                        onLayer(layers.count)
                    }
                }
                guard let id else { throw PullFailure(message: "Podman ended the download without an image") }
                return id
            }
            group.addTask {
                try await Task.sleep(for: deadline)
                throw PullFailure(message: "the download took longer than \(deadline.components.seconds) s")
            }
            defer { group.cancelAll() }
            guard let id = try await group.next() else { throw CancellationError() }
            return id
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
