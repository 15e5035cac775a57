internal import Descriptors
internal import Glibc

/// The Unix sockets that the calling thread's network namespace has.
///
/// Which process listens at a path is no help: wireguard-go's listener is made by a process that ends at once. But a
/// socket stays in the namespace that it was made in, as the tun does that was made beside it.
enum ListeningSockets {
    /// Whether the socket file at `path` is that of a listener of this namespace.
    static func contain(_ path: String) throws(SystemError) -> Bool {
        guard let file = SocketFile(path), let name = path.split(separator: "/").last else { return false }
        // procfs shows each namespace its own.
        let list = try Descriptor(opening: "/proc/thread-self/net/unix", flags: O_RDONLY).readAll(limit: .max)
        let ending = Array("/\(name)".utf8)
        return list.split(separator: UInt8(ascii: "\n")).contains { line in
            line.suffix(ending.count).elementsEqual(ending)
                && listenerPath(String(decoding: line, as: UTF8.self)).flatMap(SocketFile.init) == file
        }
    }

    /// The path in a line of the list: its eighth field, as it was given to bind(2).
    private static func listenerPath(_ line: String) -> String? {
        let fields = line.split(separator: " ", maxSplits: 7)
        // 1 << 16 is __SO_ACCEPTCON (linux/net.h). The near end of a connection to another namespace has the path too.
        guard fields.count == 8, let flags = UInt32(fields[3], radix: 16), flags & 1 << 16 != 0 else { return nil }
        return String(fields[7])
    }

    /// A file, whichever path leads to it: `/var/run` is `/run`.
    private struct SocketFile: Equatable {
        let device: dev_t
        let number: ino_t

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            number = status.st_ino
        }
    }
}
