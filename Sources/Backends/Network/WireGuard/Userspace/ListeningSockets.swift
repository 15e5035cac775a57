internal import Descriptors
internal import Glibc

/// The Unix sockets of the calling thread's network namespace.
///
/// The process that listens at a path does not help: wireguard-go's listener is created by a process that ends at once.
/// But a socket stays in the namespace that it was created in, as the tun device does that was created with it.
enum ListeningSockets {
    /// Whether a socket of this namespace listens at `path`.
    static func contain(_ path: String) throws(SystemError) -> Bool {
        guard let file = SocketFile(path), let name = path.split(separator: "/").last else { return false }
        // procfs lists only the sockets of the reader's namespace.
        let list = try Descriptor(opening: "/proc/thread-self/net/unix", flags: O_RDONLY).readAll(limit: .max)
        let ending = Array("/\(name)".utf8)
        return list.split(separator: UInt8(ascii: "\n")).contains { line in
            line.suffix(ending.count).elementsEqual(ending)
                && listenerPath(String(decoding: line, as: UTF8.self)).flatMap(SocketFile.init) == file
        }
    }

    /// The path in a line of the list: its eighth field, as passed to bind(2).
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
