import Testing

extension EndToEnd.TwoHostsTests {
    /// The lab has neither WireGuard in its kernel nor NTP: warnings, and no problem.
    @Test func theDoctorFindsNoProblemOnAHostThatWorks() async throws {
        let lab = try lab()
        try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        let sound = try await lab.exec("host-a", ["wgctl", "doctor", "--all"])
        #expect(sound.isSuccess && sound.output.contains("held by wg0"), "\(sound)")
        #expect(sound.output.contains("wg0 on port 51820"), "\(sound)")

        let table =
            "add table inet doctor; add chain inet doctor f { type filter hook forward priority 0; policy drop; }"
        try await lab.must("host-a", "nft", table)
        let broken = try await lab.exec("host-a", ["wgctl", "doctor"])
        try await lab.must("host-a", "nft", "delete table inet doctor")
        #expect(broken.status == 1 && broken.output.contains("table inet doctor, chain f: policy drop"), "\(broken)")
        try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
    }
}
