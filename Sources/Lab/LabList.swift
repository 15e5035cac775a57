internal import Foundation
internal import Glibc

/// One lab of this machine, as `wgctl lab list` shows it.
public struct LabSummary: Hashable, Sendable {
    public var name: String
    /// How many hosts it has.
    public var hosts: Int
    /// How many of them run.
    public var running: Int
    /// The manifest directory; nil when its record cannot be read.
    public var manifests: String?
}

extension Lab {
    /// The names of all labs, sorted, with those that a killed `up` left behind.
    ///
    /// - Parameter root: The folder of all labs; what else lies in it has no `lab.json`.
    public static func names(root: String = Lab.defaultRoot) -> [String] {
        listDirectory(root).filter { access("\(root)/\($0)/lab.json", F_OK) == 0 }
    }

    /// Every lab, sorted by name.
    public static func all(root: String = Lab.defaultRoot) -> [LabSummary] {
        names(root: root).compactMap { try? Lab(name: $0, root: root) }.map { lab in
            guard let record = try? lab.record() else { return LabSummary(name: lab.name, hosts: 0, running: 0) }
            return LabSummary(
                name: lab.name, hosts: record.hosts.count,
                running: record.hosts.count { lab.host($0.name).process != nil }, manifests: record.manifests)
        }
    }

    /// The names of a lab's hosts, sorted; empty when there is no such lab.
    public var hostNames: [String] { (try? record().hosts.map(\.name)) ?? [] }

    /// Every host was made, and one of them runs.
    var isUp: Bool {
        guard let record = try? record() else { return false }
        return record.isComplete && record.hosts.contains { host($0.name).process != nil }
    }

    /// What to say where there is no lab of this name.
    var missing: LabError {
        let root = (folder.path as NSString).deletingLastPathComponent
        return .noSuchLab(name, running: Lab.all(root: root).filter { $0.running > 0 }.map(\.name))
    }
}
