import CLinux
import Descriptors
import Glibc
import Synchronization
import TestSupport
import Testing

struct DescriptorTests {
    @Test func closesWhatItOwnsOnceAndSetsCloseOnExec() throws {
        let number: Int32
        do {
            let descriptor = try Descriptor(opening: "/dev/null", flags: O_RDONLY)
            number = descriptor.rawValue
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
        }
        // Another test may have taken the number in the meantime; then it is no longer /dev/null's.
        if fcntl(number, F_GETFD) != -1 {
            var status = stat()
            fstat(number, &status)
            var null = stat()
            stat("/dev/null", &null)
            #expect(status.st_rdev != null.st_rdev)
        }
    }

    @Test func errorsNameTheThingTheReasonAndTheRemedy() {
        #expect {
            _ = try Descriptor(opening: "/nowhere/at/all", flags: O_RDONLY)
        } throws: { error in
            "\(error)" == "open /nowhere/at/all: No such file or directory (errno 2)"
        }
        let refusal = SystemError(code: EPERM, operation: "open x")
        #expect("\(refusal)".hasSuffix("; run as root, or with CAP_NET_ADMIN"))
    }

    @Test(arguments: [("/dev/null", EXDEV), ("../dev/null", EXDEV), ("self/stat", ELOOP)])
    func openingBeneathNeverLeavesTheDirectory(_ path: String, _ code: Int32) throws {
        let directory = try Descriptor(opening: "/proc", flags: O_RDONLY | O_DIRECTORY)
        #expect(throws: SystemError(code: code, operation: "open \(path)")) {
            _ = try Descriptor(opening: path, beneath: directory.rawValue, flags: O_RDONLY)
        }
        _ = try Descriptor(opening: "sys/kernel/ostype", beneath: directory.rawValue, flags: O_RDONLY)
    }

    @Test func interruptedCallsAreRepeated() throws {
        var calls = 0
        let result = try systemCall("count") { () -> Int32 in
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 7
        }
        #expect(result == 7)
        #expect(calls == 3)
    }
}

@Suite struct ExecutorTests {
    private actor Worker {
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        init() throws { executor = try ThreadExecutor() }
        func threadID() -> Int32 { clinux_thread_id() }
    }

    private actor Queued {
        private let executor = QueueExecutor(label: "queued")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        private var count = 0
        func increment() -> Int {
            // Blocking is what the executor is for.
            usleep(100)
            count += 1
            return count
        }
    }

    @Test func anActorStaysOnItsOwnThread() async throws {
        let worker = try Worker()
        let first = await worker.threadID()
        for _ in 0..<50 { #expect(await worker.threadID() == first) }
        let other = try Worker()
        #expect(await other.threadID() != first)
    }

    @Test func aQueueRunsOneJobAtATime() async {
        let actor = Queued()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { _ = await actor.increment() } }
        }
        #expect(await actor.increment() == 101)
    }

    @Test func manyActorsComeAndGo() async throws {
        for _ in 0..<200 { _ = try await Worker().threadID() }
        // Threads end with their executors: wait for the count to go down again.
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(10)
        while try threadCount() > 60, clock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try threadCount() <= 60)
    }

    private func threadCount() throws -> Int {
        let status = try Descriptor(opening: "/proc/self/status", flags: O_RDONLY).readAll()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Threads:") }
        return Int(line?.split(separator: "\t").last ?? "0") ?? 0
    }
}
