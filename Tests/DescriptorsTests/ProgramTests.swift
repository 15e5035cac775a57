import Glibc
import Testing

@testable import Descriptors

struct ProgramTests {
    @Test func whatItWroteIsKeptUpToTheLimit() throws {
        let whole = try outcome(Program(path: "/bin/echo", arguments: ["a b", "$HOME"]))
        #expect(whole?.isSuccess == true && whole?.text == "a b $HOME\n")
        let cut = try outcome(Program(path: "/bin/echo", arguments: ["a b"], outputLimit: 2))
        #expect(cut?.isSuccess == true && cut?.text == "a ")
    }

    @Test func moreThanAPipeHoldsIsReadToTheEnd() throws {
        let count = 1_000_000
        let arguments = ["-c", "\(count)", "/dev/zero"]
        let program = Program(path: "/usr/bin/head", arguments: arguments, outputLimit: 2 * count)
        #expect(try outcome(program)?.text.utf8.count == count)
    }

    @Test func itsErrorsCanBeLeftOut() throws {
        let failing = Program(path: "/bin/ls", arguments: ["/nonexistent"])
        #expect(try outcome(failing)?.text.contains("nonexistent") == true)
        var quiet = failing
        quiet.keepsErrors = false
        let silent = try outcome(quiet)
        #expect(silent?.text.isEmpty == true && silent?.isSuccess == false)
    }

    @Test func allOfItsInputIsRead() throws {
        for count in [1, 65_536, 300_000] {
            let input = [UInt8](repeating: 0x61, count: count)
            #expect(try outcome(Program(path: "/usr/bin/wc", arguments: ["-c"], input: input))?.text == "\(count)\n")
        }
    }

    /// A program that a unit starts inherits the variable, and is not the unit's own process.
    @Test func onlyTheProcessThatSystemdExecutedIsAUnit() {
        #expect(Systemd.isUnit(executedAs: "\(getpid())"))
        #expect(!Systemd.isUnit(executedAs: "1") && !Systemd.isUnit(executedAs: nil))
    }

    @Test func aDeadlineEndsIt() throws {
        #expect(try outcome(Program(path: "/bin/sleep", arguments: ["600"]), timeout: .milliseconds(50)) == nil)
    }

    @Test func aProgramThatIsNotThereIsAnError() {
        #expect(throws: Program.SpawnError.self) {
            try outcome(Program(path: "/nonexistent/program", arguments: []))
        }
    }

    private func outcome(_ program: Program, timeout: Duration = .seconds(60)) throws -> Program.Outcome? {
        try program.run(timeout: timeout).get()
    }
}
