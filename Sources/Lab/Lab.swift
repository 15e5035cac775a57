internal import Foundation
internal import Glibc

/// The hosts of a manifest directory on this machine: one set of namespaces per Node.
///
/// State is in one folder, `ROOT/NAME`. Two labs of different names live side by side.
public struct Lab: Sendable {
    public let name: String
    let folder: LabFolder

    /// `WGCTL_LAB_DIR`, or `/var/lib/wgctl-lab`.
    public static var defaultRoot: String { environment()["WGCTL_LAB_DIR"] ?? "/var/lib/wgctl-lab" }

    /// - Parameter root: The folder of all labs, absolute.
    /// - Throws: `LabError.badName`, `.badRoot`.
    public init(name: String, root: String = Lab.defaultRoot) throws(LabError) {
        self.name = name
        folder = try LabFolder(name: name, root: root)
    }

    func host(_ name: String) -> LabHost {
        LabHost(
            name: name, folder: folder.host(name), namespace: NetworkNamespace(file: folder.namespace(name)))
    }

    /// - Throws: `LabError.noSuchLab`, `.badRecord`.
    func record() throws(LabError) -> LabRecord {
        guard folder.exists else { throw missing }
        return try decodeJSON(LabRecord.self, at: folder.record)
    }

    /// A host that the lab has, running or not.
    ///
    /// - Throws: `LabError.noSuchHost` with the hosts that there are.
    func host(named host: String) throws(LabError) -> LabHost {
        let known = try record().hosts.map(\.name)
        guard known.contains(host) else { throw .noSuchHost(host, lab: name, known: known) }
        return self.host(host)
    }

    /// The argument vector that runs a command on a host, to be executed in place of the caller.
    ///
    /// - Throws: `LabError.noSuchHost`, `.hostIsDown`.
    public func command(_ command: [String], on host: String) throws(LabError) -> [String] {
        try self.host(named: host).entering(command, lab: name)
    }

    /// The file that a host's daemon logs to.
    public func logFile(of host: String) throws(LabError) -> String {
        try self.host(named: host).folder.daemonLog
    }

    /// Takes the lab down: processes, containers, namespaces, mounts, cgroups and its folder. Idempotent.
    ///
    /// A lab that a killed `up` left behind goes the same way. Only what this lab made is touched.
    /// - Throws: `LabError.busy`, `.processesRemain`, `.system`.
    public func down() async throws {
        try await offPool { [self] in
            guard geteuid() == 0 else { throw LabError.notRoot }
            guard folder.exists else { throw missing }
            let lock = try lockPastFollower()
            defer { close(lock) }
            try clear()
            try FileManager.default.removeItem(atPath: folder.path)
            // The folder of all labs goes with the last one; it stays, and this fails, while another is in it.
            rmdir((folder.path as NSString).deletingLastPathComponent)
        }
    }

    /// Ends and removes everything but the empty folder, whose lock the caller holds.
    func clear() throws(LabError) {
        try LabProcesses.killAll(in: LabProcesses.namespaces(in: folder))
        let hosts = listDirectory("\(folder.path)/hosts").map { folder.host($0) }
        try LabCgroups(hosts: hosts).remove(scratch: "\(folder.path)/cgroup")
        try unmountAll(below: folder.path)
        for name in listDirectory(folder.path) {
            let path = "\(folder.path)/\(name)"
            do { try FileManager.default.removeItem(atPath: path) } catch {
                throw .system(call: "remove", subject: path, errno: (error as NSError).posixCode)
            }
        }
    }
}

extension NSError {
    /// The errno below a Foundation error.
    fileprivate var posixCode: Int32 {
        let underlying = userInfo[NSUnderlyingErrorKey] as? NSError
        return Int32((underlying ?? self).code)
    }
}
