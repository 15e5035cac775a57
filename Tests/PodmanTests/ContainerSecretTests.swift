import Testing

@testable import Podman

@Suite struct ContainerSecretTests {
    /// With hyphens between, the variable `b-c` of `a` and `c` of `a-b` had one secret.
    @Test func noTwoVariablesHaveOneSecret() {
        let all = [("a", "b-c"), ("a-b", "c"), ("a", "b.c"), ("a", "b_"), ("a", "b"), ("a-b-c", "d")].map {
            ContainerSecret.name(container: $0.0, variable: $0.1)
        }
        #expect(Set(all).count == all.count)
        #expect(all[1] == "wgctl.a-b.c")
    }

    /// What Podman takes for a name: up to 64 characters, letters and digits at the ends.
    @Test(arguments: [
        ("A_", "a"), ("A.", "a"), ("A-", "a"), (String(repeating: "A", count: 255), "a"),
        ("A", String(repeating: "a", count: 63)),
    ])
    func whatPodmanWouldNotTakeIsAHash(variable: String, container: String) {
        let name = ContainerSecret.name(container: container, variable: variable)
        #expect(name.wholeMatch(of: /wgctl\.[0-9a-f]{32}/) != nil, "\(name)")
    }
}
