import Foundation
import NetAddress
import Testing

@testable import Daemon

@Suite struct PeerKeysWatchTests {
    @Test func aFileThatChangesIsReadAgainAndABrokenOneIsNot() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
        try "{\"a\": \"\(key)\"}".write(toFile: path, atomically: true, encoding: .utf8)
        var watch = PeerKeysWatch(path: path, keys: ["a": key])
        let unchanged = watch.look()
        #expect(!unchanged)
        try "{\"a\": \"\(key)\", \"b\": \"\(key)\"}".write(toFile: path, atomically: true, encoding: .utf8)
        let changed = watch.look()
        #expect(changed && watch.keys.keys.sorted() == ["a", "b"])
        try "{".write(toFile: path, atomically: true, encoding: .utf8)
        let broken = watch.look()
        #expect(!broken && watch.keys.count == 2)
    }
}
