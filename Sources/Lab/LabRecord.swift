internal import Foundation
internal import NetAddress

/// What is kept of a lab in `lab.json`, written before anything is made.
struct LabRecord: Codable, Hashable, Sendable {
    struct Host: Codable, Hashable, Sendable {
        var name: String
        var endpointAddresses: [String]
        var addresses: [String]
        /// How late it receives edits; nil: at once.
        var lagMilliseconds: Int64?

        init(_ host: Underlay.Host, lag: Duration? = nil) {
            name = host.name
            endpointAddresses = host.endpointAddresses.map(\.description)
            addresses = host.addresses.map(\.description)
            lagMilliseconds = lag?.milliseconds
        }
    }

    var manifests: String
    /// Sorted by name.
    var hosts: [Host]
    /// Every host runs; false while `up` works or after it died.
    var isComplete: Bool
    /// What is needed to make the host of a Node that is added later.
    var growth: Growth?
    /// Nodes that were added and got no host, and why.
    var refusals: [String: String]?

    struct Growth: Codable, Hashable, Sendable {
        var underlay: Underlay
        var images: [LabImage]
        var executable: String
        var startsDaemon: Bool
    }
}

/// What a host's pid 1 is told, in `configuration.json`.
struct HostConfiguration: Codable, Hashable, Sendable {
    struct Lag: Codable, Hashable, Sendable {
        /// The directory that is edited.
        var manifests: String
        var milliseconds: Int64
    }

    var name: String
    var folder: String
    /// The daemon's arguments, its name first; empty: no daemon.
    var daemon: [String]
    /// nil: the daemon reads the edited directory itself.
    var lag: Lag?
}

/// A process that cannot be mistaken for a later one with the same pid.
struct ProcessIdentity: Codable, Hashable, Sendable {
    /// As seen by the machine.
    var pid: Int32
    /// Clock ticks after boot (proc(5), field 22 of stat).
    var startTime: UInt64
}

/// Canonical JSON: sorted keys, so the same value is the same text.
func encodeJSON(_ value: some Encodable) throws(LabError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    } catch { throw .badRecord(path: "\(type(of: value))", reason: "\(error)") }
}

/// - Throws: `LabError.badRecord` when the file is missing or says something else.
func decodeJSON<T: Decodable>(_ type: T.Type, at path: String) throws(LabError) -> T {
    guard let text = readFile(path) else { throw .badRecord(path: path, reason: "it cannot be read") }
    do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
        throw .badRecord(path: path, reason: "\(error)")
    }
}
