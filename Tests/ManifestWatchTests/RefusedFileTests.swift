import Glibc
import ManifestWatch
import Testing

@Suite struct RefusedFileTests {
    @Test func everyKindOfBadFileHasItsReasonAndTheOthersGoAhead() async throws {
        try await withSource(prepare: {
            try $0.write("good.yaml", "good")
            mkfifo($0.root + "/fifo.yaml", 0o600)
            try $0.write("world.yaml", "x", mode: 0o646)
            try $0.write("group.yaml", "x", mode: 0o664)
            chown($0.root + "/group.yaml", 0, 12345)
            try $0.write("rootgroup.yaml", "x", mode: 0o664)
            try $0.write("big.yaml", String(repeating: "x", count: (1 << 20) + 1))
            try $0.write("limit.yaml", String(repeating: "x", count: 1 << 20))
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
        }) { _, _, recorder in
            let update = try await recorder.wait { $0.texts != nil }
            #expect(update.texts?.keys.sorted() == ["good.yaml", "inside.yaml", "limit.yaml", "rootgroup.yaml"])
            let expected = [
                "fifo.yaml": "FIFO", "world.yaml": "everybody", "group.yaml": "group 12345", "big.yaml": "1 MiB",
                "out.yaml": "leads out", "up.yaml": "leads out", "magic.yaml": "leads out", "loop.yaml": "circles",
                "nothing.yaml": "to nothing", "deep/back": "circles", "outside": "leads out",
            ]
            #expect(update.reasons.keys.sorted() == expected.keys.sorted())
            for (path, part) in expected { #expect(update.reasons[path]?.contains(part) == true, "\(path)") }
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
