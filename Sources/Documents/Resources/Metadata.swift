public import Convergence
public import Foundation

/// The three kinds of API group `wgctl.dev`.
public enum Kind: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case gateway = "Gateway"
    case node = "Node"
    case overlay = "Overlay"

    public static let apiVersion = "wgctl.dev/v1alpha1"

    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }

    /// As events and conditions name it.
    public var referenceKind: ResourceReference.Kind {
        switch self {
        case .gateway: .gateway
        case .node: .node
        case .overlay: .overlay
        }
    }
}

/// Which resource: the order of keys is the order of every list.
public struct ResourceKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var kind: Kind
    public var name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public var description: String { "\(kind.rawValue)/\(name)" }

    /// As events and conditions name it.
    public var reference: ResourceReference { ResourceReference(kind.referenceKind, name) }

    public static func < (a: ResourceKey, b: ResourceKey) -> Bool {
        a.kind == b.kind ? a.name < b.name : a.kind < b.kind
    }
}

/// The part of Kubernetes' ObjectMeta that an author writes.
public struct Metadata: Hashable, Sendable, Codable {
    public var name: String
    public var labels: [String: String]?

    public init(name: String, labels: [String: String]? = nil) {
        self.name = name
        self.labels = labels
    }
}

/// Kubernetes' `metav1.Condition`.
public struct Condition: Hashable, Sendable, Codable {
    public enum Status: String, Hashable, Sendable, Codable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    /// The condition types of the Gateway API that we use.
    public enum ConditionType: String, Hashable, Sendable, Codable, CaseIterable {
        case accepted = "Accepted"
        case programmed = "Programmed"
        case ready = "Ready"
    }

    public var type: ConditionType
    public var status: Status
    /// CamelCase, from `Reason`.
    public var reason: String
    public var message: String
    public var lastTransitionTime: Date
    public var observedGeneration: Int

    public init(
        type: ConditionType, status: Status, reason: String, message: String, lastTransitionTime: Date,
        observedGeneration: Int
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
        self.observedGeneration = observedGeneration
    }
}

/// Kubernetes' Event, aggregated: the same type, reason, object and message count up.
public struct Event: Hashable, Sendable, Codable {
    public enum EventType: String, Hashable, Sendable, Codable {
        case normal = "Normal"
        case warning = "Warning"
    }

    public var type: EventType
    /// CamelCase: `Created`, `DriftRepaired`, `Pulling`.
    public var reason: String
    public var message: String
    public var regarding: ResourceReference
    public var count: Int
    public var firstTimestamp: Date
    public var lastTimestamp: Date

    public init(
        type: EventType, reason: String, message: String, regarding: ResourceReference, count: Int = 1,
        firstTimestamp: Date,
        lastTimestamp: Date
    ) {
        self.type = type
        self.reason = reason
        self.message = message
        self.regarding = regarding
        self.count = count
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
    }
}
