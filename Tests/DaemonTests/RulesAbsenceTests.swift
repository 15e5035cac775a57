import NetAddress
import Testing

@testable import FirewallLane

@Suite struct RulesAbsenceTests {
    private let start = ContinuousClock.now
    private let subnet = CIDR("10.0.0.0/24").map { [$0] } ?? []

    @Test func anAbsenceMustLast() {
        var absence = RulesAbsence()
        #expect(absence.judge(subnet, at: start) == (subnet, false))
        #expect(absence.due(after: start) == start + RulesAbsence.patience)
        #expect(absence.judge(subnet, at: start + .seconds(1)) == (subnet, true))
        // Nothing more to wait for: a reload that fails is tried again with the lane's back-off.
        #expect(absence.due(after: start + .seconds(1)) == nil)
        // Rules that came back begin anew.
        _ = absence.judge([], at: start + .seconds(2))
        #expect(absence.judge(subnet, at: start + .seconds(3)) == (subnet, false))
    }

    @Test func aReloadThatDoesNotHelpIsNotRepeated() {
        var absence = RulesAbsence()
        _ = absence.judge(subnet, at: start)
        absence.reloaded(for: subnet)
        #expect(absence.judge(subnet, at: start + .seconds(2)).0 == [])
        #expect(absence.due(after: start) == nil)
        _ = absence.judge([], at: start + .seconds(3))
        #expect(absence.judge(subnet, at: start + .seconds(4)).0 == subnet)
    }
}
