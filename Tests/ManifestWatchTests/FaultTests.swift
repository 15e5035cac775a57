import Glibc
import ManifestWatch
import TestSupport
import Testing

/// Faults of reliability.md that need the kernel's help; each in a process of its own.
@Suite struct FaultTests {
    private static let mounts = ["unshare", "--mount", "--propagation", "private"]

    /// Fault 1: mounted over with less than before freezes; unmounted again goes on.
    @Test func mountOverTheDirectoryFreezes() async throws {
        try await ChildProcess.run("mountOverTheDirectoryFreezes", under: Self.mounts) { directory in
            try directory.write("a.yaml", "1")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            try await recorder.wait(files: ["a.yaml": "1"])
            try #require(mount("none", directory.root, "tmpfs", 0, "mode=0755") == 0)
            try await recorder.wait { $0.unavailable?.contains("mounted over") == true }
            // It holds everything again: no reason to freeze.
            try directory.write("a.yaml", "2")
            try await recorder.wait(files: ["a.yaml": "2"])
            try #require(umount(directory.root) == 0)
            try await recorder.wait(files: ["a.yaml": "1"])
        }
    }

    /// Fault 1: a file system that goes away leaves the empty directory that it was mounted on.
    @Test func unmountingBelowTheDirectoryFreezes() async throws {
        try await ChildProcess.run("unmountingBelowTheDirectoryFreezes", under: Self.mounts) { directory in
            try directory.makeDirectory("site")
            try #require(mount("none", directory.root + "/site", "tmpfs", 0, "mode=0755") == 0)
            try directory.write("site/a.yaml", "1")
            try directory.write("b.yaml", "b")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            try await recorder.wait(files: ["b.yaml": "b", "site/a.yaml": "1"])
            try #require(umount2(directory.root + "/site", Int32(MNT_DETACH)) == 0)
            try await recorder.wait { $0.unavailable?.contains("/site: was mounted over or unmounted") == true }
        }
    }

    /// Fault 3: a listing that fails half-way is no listing.
    @Test func errorWhileListingMakesTheWholeUnavailable() async throws {
        let inject = ["-P", "ROOT/sub", "-e", "trace=getdents64", "-e", "inject=getdents64:error=EIO"]
        try await ChildProcess.run(
            "errorWhileListingMakesTheWholeUnavailable", under: ["strace", "-f", "-qq", "-o", "/dev/null"] + inject
        ) { directory in
            try directory.write("a.yaml", "1")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            try await recorder.wait(files: ["a.yaml": "1"])
            try directory.write("sub/b.yaml", "b")
            try await recorder.wait { $0.unavailable?.contains("sub: Input/output error") == true }
            try directory.rename("sub", "other")
            try await recorder.wait(files: ["a.yaml": "1", "other/b.yaml": "b"])
            #expect(await recorder.updates.allSatisfy { $0.texts?["a.yaml"] == "1" || $0.unavailable != nil })
        }
    }

    /// Fault 4: more events than the kernel keeps, in a process that is stopped; the last change is among those lost.
    @Test func anOverflowOfTheQueueIsAFullRescan() async throws {
        try await ChildProcess.run("anOverflowOfTheQueueIsAFullRescan", under: ["env"]) { directory in
            try directory.write("a.yaml", "1")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root, rescanInterval: .seconds(3600))
            await recorder.follow(source)
            try await recorder.wait(files: ["a.yaml": "1"])
            // Dotfiles are none of ours: without the overflow nothing of this would be a reason to look.
            let script = """
                kill -STOP \(getpid())
                for i in $(seq $(($(cat /proc/sys/fs/inotify/max_queued_events) + 10))); do echo .$i; done | xargs touch
                echo 2 >a.yaml
                kill -CONT \(getpid())
                """
            // Nobody of this process could wait for it.
            let arguments = ["setsid", "--fork", "sh", "-c", script]
            try directory.run(arguments)
            try await recorder.wait(files: ["a.yaml": "2\n"])
        }
    }

    /// Fault 7: a write through a mapping is told to nobody, as any change on NFS or FUSE.
    @Test func aChangeThatNobodyIsToldOfIsFoundByTheRescan() async throws {
        try await withSource(rescanInterval: .milliseconds(200), prepare: { try $0.write("a.yaml", "1") }) {
            directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            let descriptor = open(directory.root + "/a.yaml", O_RDWR | O_CLOEXEC)
            defer { close(descriptor) }
            let memory = try #require(mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
            memory.storeBytes(of: UInt8(ascii: "2"), as: UInt8.self)
            msync(memory, 1, MS_SYNC)
            munmap(memory, 1)
            try await recorder.wait(files: ["a.yaml": "2"])
        }
    }

    /// Fault 6: without inotify, polling finds every change.
    @Test func exhaustedInotifyPolls() async throws {
        let namespace = ["unshare", "--user", "--map-root-user", "sh", "-c"]
        let limit = #"echo 0 >/proc/sys/user/max_inotify_instances && exec "$@""#
        try await ChildProcess.run("exhaustedInotifyPolls", under: namespace + [limit, "sh"]) { directory in
            try directory.write("a.yaml", "1")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            try await recorder.wait(files: ["a.yaml": "1"])
            #expect(source.degradedReason?.contains("max_user_instances") == true)
            try directory.write("a.yaml", "2")
            try directory.write("b.yaml", "b")
            try await recorder.wait(files: ["a.yaml": "2", "b.yaml": "b"])
            try directory.remove("b.yaml")
            try await recorder.wait(files: ["a.yaml": "2"])
        }
    }

    /// Fault 8 without inotify: the second look at everything is what keeps revisions apart.
    @Test func flippedLinksDoNotMixWithoutInotify() async throws {
        let namespace = ["unshare", "--user", "--map-root-user", "sh", "-c"]
        let limit = #"echo 0 >/proc/sys/user/max_inotify_instances && exec "$@""#
        try await ChildProcess.run("flippedLinksDoNotMixWithoutInotify", under: namespace + [limit, "sh"]) {
            directory in
            let names = (0..<25).map { "f\($0).yaml" }
            let revisions = 100
            for revision in 0...revisions {
                for name in names { try directory.write("..rev\(revision)/\(name)", "\(revision)") }
            }
            try directory.link("..data", to: "..rev0")
            for name in names { try directory.link(name, to: "..data/\(name)") }
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            let rescans = Task { while !Task.isCancelled { await source.rescan() } }
            for revision in 1...revisions {
                try directory.link("..data_tmp", to: "..rev\(revision)")
                try directory.rename("..data_tmp", "..data")
                try await Task.sleep(for: .microseconds(700 * (revision % 13)))
                if revision % 9 == 0 { try await recorder.wait { Set(($0.texts ?? [:]).values) == ["\(revision)"] } }
            }
            rescans.cancel()
            let updates = await recorder.updates
            #expect(updates.count > 10)
            for update in updates where update.unavailable == nil {
                #expect(Set((update.texts ?? [:]).values).count == 1)
            }
        }
    }

    /// The same when inotify itself is there and the watches are used up; over when there are watches again.
    @Test func exhaustedWatchesPollUntilThereAreSome() async throws {
        let namespace = ["unshare", "--user", "--map-root-user", "sh", "-c"]
        let limit = #"echo 1 >/proc/sys/user/max_inotify_watches && exec "$@""#
        try await ChildProcess.run("exhaustedWatchesPollUntilThereAreSome", under: namespace + [limit, "sh"]) {
            directory in
            try directory.write("sub/a.yaml", "1")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root, rescanInterval: .seconds(2))
            await recorder.follow(source)
            try await recorder.wait(files: ["sub/a.yaml": "1"])
            #expect(source.degradedReason?.contains("max_user_watches") == true)
            try directory.write("sub/a.yaml", "2")
            try await recorder.wait(files: ["sub/a.yaml": "2"])
            let limits = open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC)
            try #require(write(limits, "1000", 4) == 4)
            close(limits)
            let deadline = ContinuousClock.now + .seconds(10)
            while source.degradedReason != nil, .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            #expect(source.degradedReason == nil)
        }
    }

    /// Fault 9: EIO on one file leaves the others alone.
    @Test func errorWhileReadingMakesOneFileUnreadable() async throws {
        let inject = ["-P", "ROOT/bad.yaml", "-e", "trace=read", "-e", "inject=read:error=EIO"]
        try await ChildProcess.run(
            "errorWhileReadingMakesOneFileUnreadable", under: ["strace", "-f", "-qq", "-o", "/dev/null"] + inject
        ) { directory in
            try directory.write("a.yaml", "1")
            try directory.write("bad.yaml", "2")
            let recorder = Recorder()
            let source = ManifestSource(directory: directory.root)
            await recorder.follow(source)
            let update = try await recorder.wait { $0.texts == ["a.yaml": "1"] }
            #expect(update.reasons["bad.yaml"]?.contains("Input/output error") == true)
        }
    }
}
