internal import CLinux
internal import Descriptors
internal import Doctor
internal import Glibc
internal import ManifestWatch
internal import WireGuard

/// What wgd needs of the host's file systems and its clock.
struct DaemonLook {
    let root: HostRoot
    let stateDirectory: String
    let keyDirectory: String
    var manifestDirectory: String

    func facts(processes: [ProcessLook.Process]) -> DaemonFacts {
        let daemons = processes.filter { $0.name == "wgd" }
        return DaemonFacts(
            state: state(), keyPath: "\(keyDirectory)/node.key", key: key(), manifests: manifests(),
            processes: daemons.allSatisfy(\.isCertain) ? .seen(daemons.map(\.pid)) : .unseen("whose network it is"),
            inotifyError: inotifyError())
    }

    func clock() -> ClockFacts {
        var record = stat()
        let isRecorded = stat(root.real("\(stateDirectory)/state.db"), &record) == 0
        return ClockFacts(
            isSynchronised: clinux_clock_is_synchronised() == 1, now: Int64(time(nil)),
            lastRecord: isRecorded ? Int64(record.st_mtim.tv_sec) : nil)
    }

    private func state() -> DaemonFacts.StateDirectory {
        var status = stat()
        let isThere = stat(root.real(stateDirectory), &status) == 0
        // Before it is created, its file system is that of the nearest directory above it.
        var nearest = stateDirectory
        while !root.exists(nearest), let slash = nearest.lastIndex(of: "/") { nearest = String(nearest[..<slash]) }
        var space = statvfs()
        let isKnown = statvfs(root.real(nearest.isEmpty ? "/" : nearest), &space) == 0
        return DaemonFacts.StateDirectory(
            path: stateDirectory, mode: isThere ? status.st_mode & 0o7777 : nil, owner: isThere ? status.st_uid : nil,
            freeBytes: isKnown ? freeBytes(space) : .max,
            // Some file systems (btrfs) have no limit of files, and report 0.
            freeFiles: isKnown && space.f_files > 0 ? UInt64(space.f_favail) : .max,
            isReadOnly: isKnown && space.f_flag & UInt(ST_RDONLY) != 0)
    }

    /// Some network file systems report more free blocks than 64 bits of bytes.
    private func freeBytes(_ space: statvfs) -> UInt64 {
        let (bytes, isOverflow) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
        return isOverflow ? .max : bytes
    }

    private func key() -> Look<DaemonFacts.Key> {
        guard geteuid() == 0 else { return .unseen("\(keyDirectory): only root may look into it") }
        do throws(KeyStoreError) {
            let key = try KeyStore(directory: root.real(keyDirectory)).load()
            return .seen(key.map { .present($0.publicKey) } ?? .absent)
        } catch {
            return .seen(.unusable("\(error)"))
        }
    }

    private func manifests() -> DaemonFacts.ManifestDirectory {
        var directory = DaemonFacts.ManifestDirectory(path: manifestDirectory, manifests: .seen(0))
        do throws(ManifestScan.Failure) {
            let (files, fault) = try ManifestScan.asDaemon(below: root.real(manifestDirectory))
            directory.fault = fault
            directory.manifests = .seen(files.count)
            directory.refused = files.compactMap { file in
                if case .unreadable(let reason) = file.contents { "\(file.path) \(reason)" } else { nil }
            }
        } catch {
            directory.manifests = .unseen(error.description)
        }
        directory.silentFileSystem = silentFileSystem()
        return directory
    }

    /// File systems for which inotify(7) does not report changes made on other machines or by a daemon; linux/magic.h.
    private static let silent: [UInt32: String] = [
        0x6969: "nfs", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x6573_5546: "fuse", 0x0102_1997: "9p",
        0x00c3_6400: "ceph", 0x5346_414f: "afs",
    ]

    private func silentFileSystem() -> String? {
        Self.silent[clinux_file_system_type(root.real(manifestDirectory))]
    }

    /// Tries to do what wgd will do.
    private func inotifyError() -> String? {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return "no inotify instance: \(SystemError.text(of: errno))" }
        defer { close(descriptor) }
        let watch = inotify_add_watch(descriptor, root.real(manifestDirectory), UInt32(IN_DELETE_SELF))
        return watch < 0 && errno == ENOSPC ? "no inotify watch: \(SystemError.text(of: errno))" : nil
    }
}
