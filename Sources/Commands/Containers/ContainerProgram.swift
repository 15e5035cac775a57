internal import ControlAPI
internal import Foundation
internal import Glibc

/// Runs Podman for a container of this host, in the place of this process.
struct ContainerProgram {
    let state: OpenState

    /// The container's name in Podman, once it is known to be here.
    ///
    /// - Parameter name: `NAME`, or `NODE/NAME`.
    /// - Throws: `CommandFailure` that says where a container of another host is, and what to run there.
    func local(_ name: String, command: String) async throws -> String {
        let found = try await state.objects(ObjectQuery(.containers, names: [name])).compactMap { object in
            if case .container(let container) = object { container } else { nil }
        }
        if let container = found.first(where: \.isLocal) { return container.name }
        guard let other = found.first else { throw CommandFailure("container \"\(name.printable)\" not found") }
        throw CommandFailure("container \(other.name) is on \(other.node): run there: wgctl \(command)")
    }

    /// - Throws: `CommandFailure` when Podman cannot be run; does not return otherwise.
    static func become(_ words: [String]) throws -> Never {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        execvp(words[0], &arguments)
        throw CommandFailure("cannot run \(words[0]): \(String(cString: strerror(errno)))")
    }
}
