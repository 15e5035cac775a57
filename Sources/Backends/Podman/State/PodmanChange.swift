public import HostState
public import NetAddress

/// One step of the Podman lane.
public enum PodmanChange: Hashable, Sendable {
    case createNetwork(DesiredNetwork)
    /// Separate changes remove attached containers of ours first.
    case removeNetwork(name: String)
    /// Starts a pull in the background; the creation follows in a later round, when the image is present.
    case pullImage(DesiredContainer)
    case createContainer(DesiredContainer)
    case startContainer(DesiredContainer, id: String)
    /// Stops a container that Podman restarts continuously, so that it is started with pauses.
    case haltContainer(DesiredContainer, id: String)
    /// Restores what an existing container has lost; it keeps its files.
    case restoreContainer(DesiredContainer, id: String, faults: [ContainerFault])
    /// Stops it first when it runs.
    case removeContainer(name: String, id: String, timeout: Int)
}

/// A fault that another program caused in a container of ours.
public enum ContainerFault: Hashable, Sendable {
    /// It has this name instead of its own.
    case renamed(String)
    /// It runs without these addresses, sorted.
    case withoutAddresses([IPAddress])

    /// Words that follow the container: `runs without 10.0.0.10`.
    public var text: String {
        switch self {
        case .renamed(let name): "was renamed to \(name)"
        case .withoutAddresses(let addresses):
            "runs without \(addresses.map(\.description).joined(separator: ", "))"
        }
    }
}

extension PodmanChange {
    /// The state of a step that runs beside the lane, in words that follow its target.
    ///
    /// - Parameter isQueued: whether it still waits for its turn.
    public func progress(isQueued: Bool) -> String {
        if isQueued { return "waits until other containers have ended" }
        // A restore may be connecting a network, and send no signal at all.
        if case .restoreContainer = self { return "is not back as it should be yet" }
        return "was sent SIGTERM and has not ended yet"
    }
}
