public import Foundation
public import NetAddress
public import Resources

/// A container of any node. What only its own host can know is nil elsewhere.
public struct ContainerReport: Hashable, Sendable, Codable {
    public var name: String
    public var node: String
    /// From its manifest.
    public var labels: [String: String]
    public var image: String
    public var overlays: [String]
    public var addresses: [IPAddress]
    /// Whether it belongs to this host.
    public var isLocal: Bool
    /// `running`, `exited`, … as Podman says, `absent`, `pulling`, `terminating`; nil for a remote one.
    public var state: String?
    /// Seconds that it has from SIGTERM to SIGKILL, while it is being removed; nil otherwise.
    public var terminationSeconds: Int?
    public var restarts: Int?
    public var startedAt: Date?
    public var conditions: [Condition]

    public init(
        name: String, node: String, labels: [String: String] = [:], image: String, overlays: [String] = [],
        addresses: [IPAddress], isLocal: Bool, state: String? = nil, restarts: Int? = nil, startedAt: Date? = nil,
        terminationSeconds: Int? = nil, conditions: [Condition] = []
    ) {
        self.terminationSeconds = terminationSeconds
        self.name = name
        self.node = node
        self.labels = labels
        self.image = image
        self.overlays = overlays
        self.addresses = addresses
        self.isLocal = isLocal
        self.state = state
        self.restarts = restarts
        self.startedAt = startedAt
        self.conditions = conditions
    }
}

/// Another node in one overlay, as a WireGuard peer of this host.
public struct PeerReport: Hashable, Sendable, Codable {
    public var node: String
    public var overlay: String
    public var interface: String
    public var publicKey: PublicKey
    /// `ADDRESS:PORT` as the device has it now; nil when it knows none.
    public var endpoint: String?
    /// nil when there was none.
    public var latestHandshake: Date?
    public var receivedBytes: UInt64
    public var transmittedBytes: UInt64
    public var allowedIPs: [CIDR]
    /// Seconds; 0 is off.
    public var persistentKeepalive: Int
    public var ready: Condition.Status
    /// From `Reason`.
    public var reason: String
    /// Seconds, of the last probe; nil when nobody answered it.
    public var lastRoundTrip: Double?
    /// When the probe was sent that `ready` and `lastRoundTrip` are from; nil before the first one, and from a daemon
    /// that did not say.
    public var lastProbeTime: Date?

    public init(
        node: String, overlay: String, interface: String, publicKey: PublicKey, endpoint: String? = nil,
        latestHandshake: Date? = nil, receivedBytes: UInt64 = 0, transmittedBytes: UInt64 = 0,
        allowedIPs: [CIDR] = [], persistentKeepalive: Int = 0, ready: Condition.Status, reason: String,
        lastRoundTrip: Double? = nil, lastProbeTime: Date? = nil
    ) {
        self.node = node
        self.overlay = overlay
        self.interface = interface
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.latestHandshake = latestHandshake
        self.receivedBytes = receivedBytes
        self.transmittedBytes = transmittedBytes
        self.allowedIPs = allowedIPs
        self.persistentKeepalive = persistentKeepalive
        self.ready = ready
        self.reason = reason
        self.lastRoundTrip = lastRoundTrip
        self.lastProbeTime = lastProbeTime
    }
}

extension PeerReport {
    /// Without what changes while nothing happens: traffic, the handshake, the probe.
    public var steady: PeerReport {
        var copy = self
        copy.latestHandshake = nil
        copy.receivedBytes = 0
        copy.transmittedBytes = 0
        copy.lastRoundTrip = nil
        copy.lastProbeTime = nil
        return copy
    }
}

/// A route of ours on this host.
public struct RouteReport: Hashable, Sendable, Codable {
    public var destination: CIDR
    public var interface: String
    public var overlay: String
    /// The node behind it.
    public var node: String
    /// The preferred source address.
    public var source: IPAddress?
    /// `rtm_protocol`: 87.
    public var protocolNumber: UInt8
    /// `Programmed`, or from `Reason` what keeps it out.
    public var state: String

    public init(
        destination: CIDR, interface: String, overlay: String, node: String, source: IPAddress?,
        protocolNumber: UInt8, state: String
    ) {
        self.destination = destination
        self.interface = interface
        self.overlay = overlay
        self.node = node
        self.source = source
        self.protocolNumber = protocolNumber
        self.state = state
    }
}
