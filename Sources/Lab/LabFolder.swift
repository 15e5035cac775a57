internal import Foundation
internal import Glibc

/// Where a lab keeps everything: `ROOT/NAME/`, with one folder per host. Nothing of a lab is outside it but
/// processes, which are found by their network namespace, and containers' cgroups, found by container id.
struct LabFolder: Hashable, Sendable {
    let name: String
    let path: String

    /// - Throws: `LabError.badName`, `.badRoot`.
    init(name: String, root: String) throws(LabError) {
        let isName =
            (1...32).contains(name.utf8.count) && name.first != "-"
            && name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
        guard isName else { throw .badName(name) }
        guard root.hasPrefix("/"), !LabFolder.isHidden(root) else { throw .badRoot(root) }
        self.name = name
        path = "\(root)/\(name)"
    }

    /// A host has its own /run, /proc and cgroups, so what is there on the machine is not seen inside.
    static func isHidden(_ path: String) -> Bool {
        ["/run", "/var/run", "/proc", "/sys"].contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    var record: String { "\(path)/lab.json" }
    var peerKeys: String { "\(path)/peer-keys.json" }
    /// The policy of every host; never the machine's own.
    var policy: String { "\(path)/policy.yaml" }
    /// The process that makes the hosts of Nodes that are added, and what it says.
    var followerRecord: String { "\(path)/follow.json" }
    var followerLog: String { "\(path)/follow.log" }
    var namespaces: String { "\(path)/ns" }
    func namespace(_ name: String) -> String { "\(namespaces)/\(name)" }
    func host(_ name: String) -> HostFolder { HostFolder(path: "\(path)/hosts/\(name)") }

    var exists: Bool { access(path, F_OK) == 0 }

    /// Holds the lab for one `up` or `down` at a time, until the returned descriptor is closed.
    ///
    /// - Throws: `LabError.busy` when another process holds it.
    func lock() throws(LabError) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", subject: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EWOULDBLOCK ? .busy(lab: name) : .system(call: "flock", subject: path, errno: code)
        }
        return descriptor
    }
}

/// The files of one lab host; what is bind-mounted inside has the name of its place there.
struct HostFolder: Hashable, Sendable {
    let path: String

    var configuration: String { "\(path)/configuration.json" }
    /// Written by the host's pid 1 when everything is mounted.
    var initRecord: String { "\(path)/init.json" }
    var etcContainers: String { "\(path)/etc-containers" }
    var etcHosts: String { "\(path)/etc-hosts" }
    /// The machine's, with the settings of this host's wgd.
    var etcDefault: String { "\(path)/etc-default" }
    var etcHostname: String { "\(path)/etc-hostname" }
    var wgctlState: String { "\(path)/var-lib-wgctl" }
    /// The manifests of a host that receives edits late.
    var deliveries: String { "\(path)/manifests" }
    var containerStorage: String { "\(path)/var-lib-containers" }
    var programs: String { "\(path)/bin" }
    var logs: String { "\(path)/log" }
    var daemonLog: String { "\(logs)/wgd.log" }
    var podmanLog: String { "\(logs)/podman.log" }
    var initLog: String { "\(logs)/init.log" }
    var deliveryLog: String { "\(logs)/delivery.log" }
}

/// Makes a directory and its parents.
func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(LabError) {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    let code = errno
    guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
        throw .system(call: "mkdir", subject: path, errno: code)
    }
    try makeDirectory(String(path[..<slash]))
    guard mkdir(path, mode) == 0 else { throw .system(call: "mkdir", subject: path, errno: errno) }
}

/// Writes a new file with the mode given, through a temporary name: a reader sees all of it or nothing.
func writeFile(_ text: String, to path: String, mode: mode_t = 0o644) throws(LabError) {
    try writeFile(Array(text.utf8), to: path, mode: mode)
}

func writeFile(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(LabError) {
    let temporary = "\(path).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system(call: "open", subject: temporary, errno: errno) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .system(call: "write", subject: temporary, errno: errno) }
        rest = rest.dropFirst(count)
    }
    guard rename(temporary, path) == 0 else { throw .system(call: "rename", subject: path, errno: errno) }
}

/// Writes into a file that exists and is mounted elsewhere: through the same inode.
func overwriteFile(_ text: String, at path: String) throws(LabError) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(call: "open", subject: path, errno: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw .system(call: "write", subject: path, errno: errno) }
}

func readFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // Until the end: Foundation stops after one read of a file in /proc, whose size is 0, and so misses mounts.
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// The names in a directory, sorted; empty when it cannot be read.
func listDirectory(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
}
