import Foundation
import TestSupport
import Testing

/// The units as systemd runs them, in a machine: what a sandbox takes away that a program needs is seen nowhere else.
@Suite struct UnitsTests {
    @Test func whatTheSandboxesLeaveIsEnough() async throws {
        let script = "Tests/EndToEndTests/Fixtures/units-on-systemd"
        let products = URL(fileURLWithPath: BuildProducts.wgctl).deletingLastPathComponent().path
        let command = "cd \"$1\" && exec scripts/vm --timeout 280 -- sh \(script) \"$1\" \"$2\""
        let finished = try await Program.run(
            ["sh", "-c", command, "sh", Repository.root.path, products], seconds: 300)
        try #require(finished.isSuccess, "\(finished)")
        let lines = finished.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("wgctl-pull: /etc/wgctl/manifests is now commit ") == true, "\(finished)")
        let expected = """
            wg0 listens on 443
            wireguard-go is active
            CapBnd:\t0000000000001400
            NoNewPrivs:\t1
            Seccomp:\t2
            it outlived a restart
            """
        #expect(finished.output.contains(expected), "\(finished)")
    }
}
