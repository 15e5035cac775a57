/// One step of fetching an image in the background.
public struct PullProgress: Hashable, Sendable {
    public enum Phase: Hashable, Sendable {
        case started
        /// The number of layers that Podman has begun to copy.
        case layer(Int)
        /// The image's id.
        case done(id: String)
        /// Podman's message; the image is not requested again for this many seconds.
        case failed(message: String, retryAfter: Int)
    }

    public var image: String
    /// The container that needs it.
    public var container: String
    public var phase: Phase

    public init(image: String, container: String, phase: Phase) {
        self.image = image
        self.container = container
        self.phase = phase
    }

    /// A sentence for an event.
    public var text: String {
        switch phase {
        case .started: "pulling image \(image)"
        case .layer(let number): "pulling image \(image): layer \(number)"
        case .done(let id): "pulled image \(image) (\(id.prefix(12)))"
        case .failed(let message, let seconds):
            "image \(image): \(message); next attempt in \(seconds) s at the earliest"
        }
    }
}
