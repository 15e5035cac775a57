import Testing

@testable import Lab

@Suite struct LabLagTests {
    @Test(arguments: [("host-b=60s", 60_000), ("a=2m", 120_000), ("a=1ms", 1), ("a=500ms", 500)])
    func `a host and a time with its unit`(text: String, milliseconds: Int64) throws {
        let lag = try LabLag(parsing: text)
        #expect(lag.host == text.prefix { $0 != "=" })
        #expect(lag.delay == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "host-b", "=60s", "host-b=", "host-b=60", "host-b=0s", "host-b=-1s", "host-b=1.5s", "host-b=60h",
        "host-b=9223372036854775807m", "host-b=٣s", "host-b=60 s",
    ])
    func `anything else is refused with the form`(text: String) {
        #expect(throws: LabError.badLagOption(text)) { try LabLag(parsing: text) }
    }

    @Test func `every host is one of the lab's, and is named once`() throws {
        let lag = try LabLag(parsing: "a=60s")
        #expect(try LabLag.delays([lag], hosts: ["a", "b"], lab: "l") == ["a": .seconds(60)])
        #expect(throws: LabError.noSuchHost("a", lab: "l", known: ["b"])) {
            try LabLag.delays([lag], hosts: ["b"], lab: "l")
        }
        #expect(throws: LabError.lagGivenTwice(host: "a")) {
            try LabLag.delays([lag, lag], hosts: ["a"], lab: "l")
        }
    }

    @Test func `a time is printed as it may be given`() {
        #expect([Duration.seconds(120), .milliseconds(1500)].map(\.text) == ["120s", "1500ms"])
    }
}
