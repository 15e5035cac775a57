internal import CLinux
internal import Glibc

/// Runs `body` on a fresh thread inside the network namespace of a file (`/run/netns/NAME`, `/proc/PID/ns/net`): the
/// sockets that it opens stay in there. Blocks for about 0.1 ms and what `body` takes.
///
/// `setns` acts on one thread alone, and a task may change its own at every `await`.
/// - Throws: `SystemError` when there is no such file, or no right to enter (`CAP_SYS_ADMIN`).
public func withNetworkNamespace<Result: Sendable>(
    at path: String, _ body: @escaping @Sendable () -> Result
) throws(SystemError) -> Result {
    let visit = Visit(to: try Descriptor(opening: path, flags: O_RDONLY), path: path, body)
    let argument = Unmanaged.passRetained(visit as Visitor)
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<Visitor>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }, argument.toOpaque())
    guard code == 0 else {
        argument.release()
        throw SystemError(code: code, operation: "make a thread")
    }
    pthread_join(thread, nil)
    guard let result = visit.result else { throw SystemError(code: ECHILD, operation: "enter \(path)") }
    return try result.get()
}

private class Visitor {
    func run() {}
}

/// Written by the thread, and read only after it was joined.
private final class Visit<Result>: Visitor {
    private let namespace: Descriptor
    private let path: String
    private let body: () -> Result
    private(set) var result: Swift.Result<Result, SystemError>?

    init(to namespace: consuming Descriptor, path: String, _ body: @escaping () -> Result) {
        self.namespace = namespace
        self.path = path
        self.body = body
    }

    override func run() {
        result = Swift.Result { () throws(SystemError) in
            try systemCall("enter \(path)") { clinux_enter_network_namespace(namespace.rawValue) }
            return body()
        }
    }
}
