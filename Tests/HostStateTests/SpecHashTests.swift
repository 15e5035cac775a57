import NetAddress
import Testing

@testable import HostState

@Suite struct SpecHashTests {
    private let container = DesiredContainer(name: "pod-a", node: "host-a", image: "example.com/app:1")

    @Test func isStableAcrossProcesses() {
        // A hash that changed with a release would replace every container of the fleet.
        #expect(container.specHash == "2646198c04140099f1ed262ee6145c63")
    }

    @Test func differsWithWhatARunningContainerCannotChange() {
        var other = container
        other.arguments = ["--verbose"]
        #expect(other.specHash != container.specHash)
    }

    @Test func doesNotDifferWithThePullPolicy() {
        var other = container
        other.pullPolicy = .always
        #expect(other.specHash == container.specHash)
    }

    @Test func doesNotDependOnTheOrderOfADictionary() {
        var one = container
        var two = container
        for name in ["A", "B", "C", "D", "E"] { one.environment[name] = .literal(name) }
        for name in ["E", "D", "C", "B", "A"] { two.environment[name] = .literal(name) }
        #expect(one.specHash == two.specHash)
    }
}
