internal import Foundation
internal import Glibc

/// The namespaces of the machine itself, from a thread that never asked to leave them.
///
/// A thread of the pool is made by whoever first has work for it, in that one's namespaces: after a result came out of
/// a host, any test may find itself on a thread inside of it.
enum MachineNamespaces {
    /// Where the machine's files are, wherever the calling thread is.
    static let root = "/proc/\(getpid())/root"

    private static let isInside = "TestSupport.isInside"

    /// Says that the calling thread is in other namespaces on purpose.
    static func leave() { Thread.current.threadDictionary[isInside] = true }

    /// The words before a command that bring it to where the calling thread believes to be.
    static func wayBack() -> [String] {
        guard Thread.current.threadDictionary[isInside] == nil else { return [] }
        let isAstray = ["mnt", "net"].contains { kind in
            let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self/ns/\(kind)")
            return own != (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(kind)"))
        }
        let machine = "/proc/\(getpid())/ns"
        return isAstray ? ["nsenter", "--mount=\(machine)/mnt", "--net=\(machine)/net", "--"] : []
    }
}
