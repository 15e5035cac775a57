import HostState
import NetAddress
import NetworkState
import Testing

@testable import RouteNetlink

/// Which hints say all that there is to repair.
@Suite struct DriftHintTests {
    private func deletion(_ number: Int) -> Notice {
        let destination = IPAddress(v4: 0x0a00_0000 + UInt32(number)).hostCIDR
        var notice = Notice(text: "route \(destination) of wg0 deleted", object: .route(destination))
        notice.deletedRoute = ObservedRoute(
            destination: destination, interface: "wg0", protocolNumber: OwnershipMark.routeProtocol, metric: 0)
        return notice
    }

    private func hint(_ notices: Notice...) -> DriftHint {
        var hint = DriftHint()
        for notice in notices { hint.add(notice) }
        return hint
    }

    @Test func deletedRoutesAloneAreRestored() {
        #expect(hint(deletion(1)).followed(by: hint(deletion(2), deletion(1))).routesToRestore?.count == 2)
        #expect(DriftHint().routesToRestore == nil)
    }

    @Test func besideAnythingElseItTakesALook() {
        let other = Notice(text: "link wg0 is down", object: .link("wg0"))
        #expect(hint(deletion(1), other).routesToRestore == nil)
        #expect(hint(deletion(1)).followed(by: hint(other)).routesToRestore == nil)
        #expect(hint(other).followed(by: hint(deletion(1))).routesToRestore == nil)
        var lost = hint(deletion(1))
        lost.isOverflow = true
        #expect(lost.routesToRestore == nil)
    }

    @Test func tooManyTakeALook() {
        var hint = DriftHint()
        for number in 1...64 { hint.add(deletion(number)) }
        #expect(hint.routesToRestore?.count == 64)
        hint.add(deletion(65))
        #expect(hint.routesToRestore == nil)
    }
}
