import Foundation
import HostState
import NetAddress
import Testing

@testable import Podman

/// The list and what inspecting tells are moments apart.
@Suite struct InspectionTests {
    @Test func aContainerThatEndedBeforeItWasInspectedLacksNoAddress() throws {
        let listed = try JSONDecoder().decode(
            LibpodListedContainer.self, from: Data(#"{"Id": "1", "Names": ["web"], "State": "running"}"#.utf8))
        for (status, live) in [("running", Set<IPAddress>()), ("exited", nil), ("stopped", nil)] {
            let details = try JSONDecoder().decode(
                LibpodInspectedContainer.self, from: Data(#"{"Id": "1", "State": {"Status": "\#(status)"}}"#.utf8))
            let inspection = PodmanClient.Inspection(
                listed: .init(listed), at: .now, restartCount: 0, isRunning: details.isRunning,
                addresses: details.liveAddresses)
            #expect(ObservedContainer(listed, name: "web", inspection, seal: nil).liveAddresses == live)
        }
    }
}
