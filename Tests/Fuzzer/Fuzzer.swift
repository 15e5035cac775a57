import ManifestTrials

/// What libFuzzer calls with each input, one after the other in one process.
///
/// Anything that does not hold ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try Target.shared.target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}

private final class Target {
    // libFuzzer runs one input at a time, on one thread.
    nonisolated(unsafe) static let shared = Target()

    var target: FuzzTarget

    private init() {
        do { target = try FuzzTarget() } catch { fatalError("\(error)") }
    }
}
