internal import Glibc

/// A program that is started again a second after it failed; one that exits with 0 meant to.
struct SupervisedProgram {
    let arguments: [String]
    var path: String?
    let log: String
    private(set) var pid: pid_t = 0
    private(set) var restartTime: ContinuousClock.Instant?

    init(arguments: [String], path: String? = nil, log: String) {
        self.arguments = arguments
        self.path = path
        self.log = log
    }

    mutating func start() throws(LabError) {
        restartTime = nil
        pid = try startProgram(arguments, path: path, log: log)
    }

    mutating func startIfStopped() {
        guard pid == 0 else { return }
        do { try start() } catch { fail("cannot be started: \(error)") }
    }

    mutating func ended(_ status: Int32) {
        pid = 0
        if status != 0 { fail(describeExit(status)) }
    }

    mutating func restartIfDue() {
        if let time = restartTime, ContinuousClock.now >= time { startIfStopped() }
    }

    private mutating func fail(_ reason: String) {
        restartTime = .now + .seconds(1)
        let line = "wgctl lab: \(arguments[0]) \(reason); next start in 1 s\n"
        let descriptor = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return }
        _ = line.utf8.withContiguousStorageIfAvailable { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }
}
