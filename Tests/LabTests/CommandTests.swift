import Testing

@testable import Lab

@Suite struct CommandTests {
    @Test func `more input and output than a pipe holds`() throws {
        let text = String(repeating: "0123456789abcde\n", count: 20_000)
        #expect(try Command(["cat"], input: text).run() == text)
    }

    @Test func `a failure names the command, its exit code and what it said`() {
        let expected = LabError.programFailed(
            command: "ls /does/not/exist", outcome: "exited with 2",
            output: "ls: cannot access '/does/not/exist': No such file or directory")
        #expect(throws: expected) { try Command(["ls", "/does/not/exist"]).run() }
    }

    @Test func `a program that hangs is stopped`() {
        #expect(throws: LabError.programTimedOut(command: "sleep 60", seconds: 0)) {
            try Command(["sleep", "60"], timeout: .milliseconds(50)).run()
        }
    }

    @Test func `a daemon that keeps the output open does not hold the caller up`() throws {
        let start = ContinuousClock.now
        #expect(try Command(["sh", "-c", "sleep 5 & echo done"]).run() == "done\n")
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test func `a missing program is named`() {
        #expect(throws: LabError.missingProgram("no-such-program", package: "no-such-program")) {
            try Command(["no-such-program"]).run()
        }
    }
}
