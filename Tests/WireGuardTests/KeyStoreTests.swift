import Foundation
import NetAddress
import TestSupport
import Testing

@testable import WireGuard

@Suite struct KeyStoreTests {
    let directory = temporaryPath("keys")
    var store: KeyStore { KeyStore(directory: "\(directory)/keys") }

    private func inDirectory(_ body: (KeyStore) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(store)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func aKeyIsMadeOnceAndReadBack() throws {
        try inDirectory { store in
            #expect(try store.load() == nil)
            let key = try store.create()
            #expect(try store.load()?.publicKey == key.publicKey)
            #expect(try mode(store.path) == 0o600)
            #expect(try mode(store.directory) == 0o700)
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory) == ["node.key"])
            let text = try String(contentsOfFile: store.path, encoding: .utf8)
            #expect(text.utf8.count == 45 && text.hasSuffix("\n"))
            #expect(try shell("wg pubkey < \(store.path)") == "\(key.publicKey)\n")
        }
    }

    @Test func keysOfTheProgramAreReadAndOursAreClampedLikeIts() throws {
        try inDirectory { store in
            _ = try shell("umask 077; mkdir -p \(store.directory); wg genkey > \(store.path)")
            let expected = try shell("wg pubkey < \(store.path)")
            #expect(try store.load().map { "\($0.publicKey)\n" } == expected)
            for _ in 0..<32 {
                try PrivateKey.generate().withUnsafeBytes { bytes in
                    #expect(bytes[0] & 7 == 0 && bytes[31] & 0xc0 == 0x40)
                }
            }
        }
    }

    @Test func aSecondCreateChangesNothing() throws {
        try inDirectory { store in
            let key = try store.create()
            #expect(throws: KeyStoreError.exists(path: store.path)) { try store.create() }
            #expect(try store.load()?.publicKey == key.publicKey)
        }
    }

    private static let garbage = [
        "", "\n", "AAAA\n", String(repeating: "A", count: 43) + "=\n", String(repeating: "x", count: 4096),
    ]

    @Test(arguments: garbage)
    func whatIsNoKeyIsToldAndLeftAlone(content: String) throws {
        try inDirectory { store in
            _ = try store.create()
            try Data(content.utf8).write(to: URL(fileURLWithPath: store.path))
            #expect(throws: KeyStoreError.garbled(path: store.path)) { try store.load() }
            #expect(throws: KeyStoreError.exists(path: store.path)) { try store.create() }
            #expect(try Data(contentsOf: URL(fileURLWithPath: store.path)) == Data(content.utf8))
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620])
    func aWiderModeIsRefusedWithTheRemedy(mode: Int) throws {
        try inDirectory { store in
            _ = try store.create()
            try shell("chmod \(String(mode, radix: 8)) \(store.path)")
            let error = #expect(throws: KeyStoreError.self) { try store.load() }
            #expect(error?.description.contains("chmod 600 \(store.path)") == true)
        }
    }

    @Test func anOpenDirectoryAForeignOwnerAndASymbolicLinkAreRefused() throws {
        try inDirectory { store in
            _ = try store.create()
            try shell("chmod 750 \(store.directory)")
            let open = #expect(throws: KeyStoreError.self) { try store.load() }
            #expect(open?.description.contains("chmod 700 \(store.directory)") == true)
            try shell("chmod 700 \(store.directory); chown 65534 \(store.path)")
            let foreign = #expect(throws: KeyStoreError.self) { try store.load() }
            #expect(foreign?.description.contains("chown 0 \(store.path)") == true)
            try shell("chown 0 \(store.path); mv \(store.path) \(store.directory)/other; ln -s other \(store.path)")
            let link = #expect(throws: KeyStoreError.self) { try store.load() }
            #expect(link?.description.contains("symbolic link") == true)
            #expect(throws: KeyStoreError.exists(path: store.path)) { try store.create() }
        }
    }

    @Test func theRemainsOfAKilledCreateAreTakenAway() throws {
        try inDirectory { store in
            _ = try shell("umask 077; mkdir -p \(store.directory); printf half > \(store.directory)/node.key.tmp")
            #expect(try store.load() == nil)
            let key = try store.create()
            #expect(try store.load()?.publicKey == key.publicKey)
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory) == ["node.key"])
        }
    }

    /// Fault 47: a power cut leaves no key or the whole one, because the order of the writes to the disk is this one.
    @Test func theKeyIsOnTheDiskBeforeItHasItsName() throws {
        // The same program again, for one test that makes a key, with its system calls written down.
        let log = directory + ".strace"
        defer { try? FileManager.default.removeItem(atPath: log) }
        _ = try shell(
            "strace -f -y -s 0 -o \(log) -e trace=write,fsync,rename,renameat,renameat2 /proc/$PPID/exe "
                + "--testing-library swift-testing --filter KeyStoreTests/aKeyIsMadeOnceAndReadBack 2>&1")
        let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap { line in
            ["write(", "fsync(", "rename"].first { line.contains($0) && line.contains("/keys") }.map { call in
                "\(call)\(line.contains("node.key.tmp>") ? "file" : "directory")"
            }
        }
        #expect(calls == ["write(file", "fsync(file", "renamedirectory", "fsync(directory"], "\(calls)")
    }

    @Test func creatorsAtOnceAgreeOnOneKey() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = store
        let made = await withTaskGroup(of: PublicKey?.self) { group in
            for _ in 0..<8 { group.addTask { try? store.create().publicKey } }
            return await group.reduce(into: []) { $0 += [$1] }.compactMap { $0 }
        }
        #expect(made.count == 1)
        #expect(try store.load()?.publicKey == made.first)
    }

    @Test func noDescriptionOfAKeyHoldsIt() throws {
        try inDirectory { store in
            let key = try store.create()
            let secret = try String(contentsOfFile: store.path, encoding: .utf8).dropLast()
            var dumped = ""
            dump(key, to: &dumped)
            let hex = try #require(Data(base64Encoded: String(secret))).map { String(format: "%02x", $0) }.joined()
            for text in ["\(key)", String(reflecting: key), dumped, "\(KeyStoreError.garbled(path: store.path))"] {
                #expect(!text.contains(secret) && !text.contains(hex))
            }
        }
    }
}
