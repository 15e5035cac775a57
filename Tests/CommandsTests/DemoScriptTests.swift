import Foundation
import Glibc
import TestSupport
import Testing

/// `scripts/demo` with a `wgctl` that pretends: what it leaves behind.
@Suite struct DemoScriptTests {
    /// Answers as the lab would, and notes when it is taken down.
    private static let pretender = """
        #!/bin/sh
        case "$*" in
            "lab down"*) echo down >>"$PRETENDER/calls" ;;
            "lab status"*) echo header; echo "host-a running $PPID" ;;
            *State.Pid*) echo 1 ;;
            *.Id*) date +%N ;;
            *"container exists"*) [ ! -e "$PRETENDER/asked" ] || exit 1; touch "$PRETENDER/asked" ;;
            *ping*) echo "seq=0 time=0.5 ms"; echo "5 packets transmitted, 5 packets received, 0% packet loss" ;;
        esac
        """

    @Test(arguments: [("0", false), ("No", false), ("false", false), ("1", true)])
    func aSwitchThatSaysNoIsANo(_ value: String, _ isKept: Bool) throws {
        let directory = temporaryPath("demo with a space")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data(Self.pretender.utf8).write(to: URL(fileURLWithPath: directory + "/wgctl"))
        try #require(chmod(directory + "/wgctl", 0o755) == 0)
        let result = try runProgram(
            Repository.root.appending(path: "scripts/demo").path, [],
            environment: [
                "WGCTL": directory + "/wgctl", "PRETENDER": directory, "DEMO_KEEP": value, "TMPDIR": directory,
            ])
        try #require(result.status == 0, "\(result)")
        #expect((access(directory + "/calls", F_OK) == 0) != isKept, "\(result.output)")
        #expect(result.output.contains("The lab stays up") == isKept)
    }
}
