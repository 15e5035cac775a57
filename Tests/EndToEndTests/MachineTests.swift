import Foundation
import Glibc
import TestSupport
import Testing

/// `scripts/vm`: the machine sees the checkout wherever that is, also below what it makes anew (/tmp, /run, /dev/shm).
@Suite(.serialized) struct MachineTests {
    /// A checkout as far as the machine is concerned, on a file system of its own, with a space in its name; the
    /// kernel is this checkout's, and what boots with it is made anew, as the copied scripts are newer.
    @Test(arguments: ["/dev/shm", "/tmp"]) func aCheckoutIsSeenAnywhere(_ place: String) async throws {
        let checkout = "\(place)/wgctl checkout \(UUID().uuidString.prefix(8))"
        let root = Repository.root.path
        let build = [
            "set -e", "mkdir -p '\(checkout)/.build'", "cp -r '\(root)/scripts' '\(checkout)/'",
            "mkdir -p '\(root)/.build/vm'", "ln -s '\(root)/.build/vm' '\(checkout)/.build/vm'",
            "echo 'as on the host' >'\(checkout)/file'",
        ]
        defer { try? FileManager.default.removeItem(atPath: checkout) }
        let made = try await Program.run(["sh", "-c", build.joined(separator: "\n")], seconds: 60)
        try #require(made.isSuccess, "\(made)")
        let command = """
            cd '\(checkout)' && exec scripts/vm --timeout 240 -- sh -euc '
                pwd; cat file; echo changed >file; cat "$1/file"; ls \(place)
            ' sh '\(checkout)'
            """
        let finished = try await Program.run(["sh", "-c", command], seconds: 300)
        let name = checkout.split(separator: "/").last ?? ""
        #expect(finished.isSuccess, "\(finished)")
        #expect(finished.output == "\(checkout)\nas on the host\nchanged\n\(name)\n", "\(finished)")
        #expect(try String(contentsOfFile: checkout + "/file", encoding: .utf8) == "as on the host\n")
    }
}
