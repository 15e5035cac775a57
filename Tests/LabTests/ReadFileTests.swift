import Testing

@testable import Lab

@Suite struct ReadFileTests {
    /// Files in /proc say size 0 and give a page a read: mounts beyond the first page would stay after `lab down`.
    @Test func filesInProcAreReadToTheirEnd() throws {
        let text = try #require(readFile("/proc/self/maps"))
        #expect(text.utf8.count > 8192 && text.hasSuffix("\n"))
        #expect(text.contains("[stack]"))
    }

    @Test func whatIsMissingIsNil() { #expect(readFile("/proc/self/no-such-file") == nil) }
}
