import Dispatch
import Glibc
import Testing

/// A client that says what it likes, when it likes, and keeps its connection. Reads block for 20 s at most.
final class RawClient: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var deadline = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0, "connect \(path): \(String(cString: strerror(errno)))")
    }

    deinit { Glibc.close(descriptor) }

    /// For the server; the number stays taken until the last reference goes.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ text: String) throws {
        // MSG_NOSIGNAL: the server may have closed.
        let count = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        try #require(count == text.utf8.count, "send: \(String(cString: strerror(errno)))")
    }

    /// Everything up to a text; what came until then when the connection ends before.
    func receive(until end: String) async throws -> String {
        // Not on the cooperative pool, which the server needs.
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try self.read(until: end) }) }
        }
    }

    private func read(until end: String) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: bytes, as: UTF8.self).contains(end) {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            try #require(count >= 0 || errno == ECONNRESET, "read: \(String(cString: strerror(errno)))")
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the server ends the connection without another byte.
    func isClosed() async throws -> Bool { try await receive(until: "\n").isEmpty }
}
