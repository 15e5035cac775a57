import Glibc
import ManifestWatch
import Testing

@Suite struct RefusedFileTests {
    /// Watches a directory with one good file and what `prepare` puts beside it: exactly these are refused, each with
    /// its reason.
    private func expectRefused(
        _ reasons: [String: String], readable: [String] = [], at location: SourceLocation = #_sourceLocation,
        prepare: (TemporaryDirectory) throws -> Void
    ) async throws {
        try await withSource(prepare: {
            try $0.write("good.yaml", "good")
            try prepare($0)
        }) { _, _, recorder in
            let update = try await recorder.wait { $0.texts != nil }
            #expect(update.texts?.keys.sorted() == (["good.yaml"] + readable).sorted(), sourceLocation: location)
            #expect(update.reasons.keys.sorted() == reasons.keys.sorted(), sourceLocation: location)
            for (path, part) in reasons {
                #expect(update.reasons[path]?.contains(part) == true, "\(path)", sourceLocation: location)
            }
        }
    }

    /// Opened without blocking, or this would not end: a FIFO without a writer, a device that never has anything.
    @Test func aFIFOASocketAndADevice() async throws {
        let reasons = [
            "fifo.yaml": "FIFO", "socket.yaml": "socket", "character.yaml": "device", "block.yaml": "device",
            "directory.yaml/inner.yaml": "FIFO",
        ]
        try await expectRefused(reasons) {
            mkfifo($0.root + "/fifo.yaml", 0o600)
            mknod($0.root + "/socket.yaml", S_IFSOCK | 0o600, 0)
            // /dev/tty0 and a loop device, neither of which is opened.
            mknod($0.root + "/character.yaml", S_IFCHR | 0o600, dev_t(4 << 8))
            mknod($0.root + "/block.yaml", S_IFBLK | 0o600, dev_t(7 << 8 | 250))
            try $0.makeDirectory("directory.yaml")
            mkfifo($0.root + "/directory.yaml/inner.yaml", 0o600)
        }
    }

    @Test func aLinkThatLeavesTheDirectoryOrRunsInCircles() async throws {
        let reasons = [
            "out.yaml": "leads out", "up.yaml": "leads out", "magic.yaml": "leads out", "loop.yaml": "circles",
            "nothing.yaml": "to nothing", "deep/back": "circles", "outside": "leads out",
        ]
        try await expectRefused(reasons, readable: ["inside.yaml"]) {
            try $0.link("out.yaml", to: "/etc/hostname")
            try $0.link("up.yaml", to: "../../etc/hostname")
            try $0.link("magic.yaml", to: "/proc/self/environ")
            try $0.link("loop.yaml", to: "loop.yaml")
            try $0.link("nothing.yaml", to: "absent.yaml")
            try $0.link("inside.yaml", to: "good.yaml")
            try $0.makeDirectory("deep")
            try $0.link("deep/back", to: "..")
            try $0.link("outside", to: "/etc")
            try $0.link("README", to: "/etc/hostname")
        }
    }

    @Test func aFileThatOthersMayWrite() async throws {
        let reasons = ["world.yaml": "everybody", "group.yaml": "group 12345"]
        try await expectRefused(reasons, readable: ["rootgroup.yaml"]) {
            try $0.write("world.yaml", "x", mode: 0o646)
            try $0.write("group.yaml", "x", mode: 0o664)
            chown($0.root + "/group.yaml", 0, 12345)
            try $0.write("rootgroup.yaml", "x", mode: 0o664)
        }
    }

    @Test func aFileOverOneMebibyte() async throws {
        try await expectRefused(["big.yaml": "1 MiB"], readable: ["limit.yaml"]) {
            try $0.write("big.yaml", String(repeating: "x", count: (1 << 20) + 1))
            try $0.write("limit.yaml", String(repeating: "x", count: 1 << 20))
        }
    }

    @Test func dotfilesAndWhatEditorsLeaveAreIgnored() async throws {
        try await expectRefused([:]) {
            for name in [
                ".hidden.yaml", ".a.yaml.swp", ".a.yaml.swo", "a.yaml~", "a.yaml.bak", "#a.yaml#", ".#a.yaml",
                "~a.yaml",
                "4913", "a.yaml.orig", ".git/x.yaml", "note.txt", "..2026_01_01/x.yaml",
            ] {
                try $0.write(name, "no")
            }
        }
    }

    @Test func moreThan65536FilesAreNoSnapshot() async throws {
        try await withSource(prepare: { directory in
            for number in 0...65_536 {
                close(open("\(directory.root)/\(number).yaml", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
            }
        }) { directory, _, recorder in
            let update = try await recorder.wait { $0.unavailable != nil }
            #expect(
                update.unavailable?.hasSuffix(
                    "holds more than 65536 files; split it over several fleets. "
                        + "Nothing changes until then") == true)
            try directory.remove("0.yaml")
            try await recorder.wait { $0.texts?.count == 65_536 }
        }
    }

    @Test func moreThan256MebibytesAreNoSnapshot() async throws {
        try await withSource(prepare: { directory in
            for number in 0...256 {
                try directory.write("\(number).yaml", "")
                truncate("\(directory.root)/\(number).yaml", 1 << 20)
            }
        }) { directory, _, recorder in
            let update = try await recorder.wait { $0.unavailable != nil }
            #expect(update.unavailable?.contains("holds more than 256 MiB; split it") == true)
            try directory.remove("0.yaml")
            try await recorder.wait { $0.texts?.count == 256 }
        }
    }

    @Test func repairIsNoticed() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "x", mode: 0o666) }) { directory, _, recorder in
            try await recorder.wait { $0.reasons["a.yaml"] != nil }
            chmod(directory.root + "/a.yaml", 0o644)
            try await recorder.wait(files: ["a.yaml": "x"])
        }
    }

    @Test func namesThatAreNoTextAreRefused() async throws {
        try await withSource(prepare: {
            var name = Array($0.root.utf8CString.dropLast()) + [CChar(bitPattern: 0x2f), CChar(bitPattern: 0xff)]
            name += Array(".yaml".utf8CString)
            close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
            try $0.write("e\u{301}.yaml", "decomposed")
            try $0.write("\u{e9}.yaml", "composed")
        }) { _, _, recorder in
            let update = try await recorder.wait { $0.texts != nil }
            #expect(update.texts == [:])
            #expect(update.reasons.count == 2)
        }
    }
}
