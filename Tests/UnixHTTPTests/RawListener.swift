import Foundation
import Glibc
import Testing

/// A listener that answers one connection with fixed bytes, from a thread of its own.
final class RawListener: Sendable {
    private let descriptor: Int32

    init(path: String, answer: String) throws {
        let listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(listening >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0 && listen(listening, 8) == 0)
        descriptor = listening
        Thread.detachNewThread {
            let connection = accept(listening, nil, nil)
            var request = [UInt8](repeating: 0, count: 4096)
            _ = read(connection, &request, request.count)
            _ = write(connection, answer, answer.utf8.count)
            close(connection)
        }
    }

    /// Shutting down works at once, even while a child of another test still holds the descriptor.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}
