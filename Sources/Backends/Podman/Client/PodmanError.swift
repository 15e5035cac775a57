public import UnixHTTP

/// Why Podman did not do what was requested.
public struct PodmanError: Error, Hashable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// The socket does not answer, or not in time.
        case unreachable(UnixHTTPError)
        /// Podman refuses a network while an interface of the host has an address in its subnet, or another network
        /// overlaps it.
        case subnetInUse(subnet: String, by: String)
        case bridgeInUse
        /// A network or container of that name exists already.
        case nameInUse
        /// The container or network is not ours: the inventory does not have its id.
        case foreign
        case notFound
        case imageMissing
        /// Another container has a static address.
        case addressInUse(String)
        case secretMissing(String)
        /// A secret of this name exists and is not ours.
        case secretForeign(String)
        /// Why the file of a secret cannot be used.
        case secretFile(path: String, problem: String)
        /// A mount's directory or file on the host does not exist.
        case hostPathMissing(String)
        /// It runs, and lacks addresses on these networks after all attempts.
        ///
        /// `refusal`: Podman's message about the connection that failed.
        case withoutNetwork([String], refusal: String?)
        /// Any other refusal: the HTTP status and Podman's own message.
        case refused(status: Int, message: String)
        /// The program `podman`, used where the API cannot do it, failed.
        case program(String)
        /// The answer does not match libpod v4.
        case unexpectedAnswer(String)
    }

    public var reason: Reason
    /// `container/pod-a`, `network/overlay_net`, `image/IMAGE`, or `podman`.
    public var object: String

    public init(_ reason: Reason, object: String) {
        self.reason = reason
        self.object = object
    }

    /// Whether the deadline of a request passed.
    public var isTimeout: Bool {
        if case .unreachable(let error) = reason, case .timedOut = error.reason { true } else { false }
    }

    /// Whether we are not permitted to use the socket.
    public var isPermission: Bool {
        if case .unreachable(let error) = reason { error.reason == .permissionDenied } else { false }
    }

    public var description: String { "\(object): \(explanation)" }

    /// What is wrong, without the object.
    var explanation: String {
        switch reason {
        case .unreachable(let error): "Podman is unreachable: \(error); systemctl status podman.socket tells more"
        case .subnetInUse(let subnet, let by):
            "Podman refuses subnet \(subnet): \(by); take that away, or choose another subnet"
        case .bridgeInUse: "its bridge belongs to another Podman network; remove that, or name another bridge"
        case .nameInUse:
            "the name is taken by one that is not known here (podman ps --all --external, podman network ls);"
                + " remove or rename it"
        case .foreign: "it was not made by this node's wgd, so it is left alone; remove or rename it by hand"
        case .notFound: "it does not exist (any more); the next reconcile looks again"
        case .imageMissing: "the image is not on this host; pull it, or check imagePullPolicy"
        case .addressInUse(let message): "\(message); remove the container that holds the address"
        case .secretMissing(let name): "there is no Podman secret \(name); make it with podman secret create"
        case .secretForeign(let name):
            "a Podman secret \(name) exists that wgd did not make; rename it with podman secret create and rm"
        case .secretFile(let path, let problem): "secret file \(path) \(problem)"
        case .hostPathMissing(let path):
            "the host path \(path) does not exist; create it on this host, or correct the hostPath in spec.containers"
        case .withoutNetwork(let networks, let refusal):
            "it runs and still has not all of its addresses on \(networks.joined(separator: ", "))"
                + (refusal.map { " (\($0))" } ?? "") + "; podman logs and journalctl -u podman may say why"
        case .refused(let status, let message):
            "Podman refuses (HTTP \(status)): \(message); correct the manifest or the host"
        case .program(let problem): problem
        case .unexpectedAnswer(let what): "Podman's answer is not understood: \(what); Podman 4.0 or newer is needed"
        }
    }
}
