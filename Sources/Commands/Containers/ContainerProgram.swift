internal import ControlAPI
internal import Glibc

/// A container that a command of Podman's is to run for.
struct ContainerProgram {
    let state: OpenState

    /// The container's name in Podman, once it is known to be here.
    ///
    /// - Parameters:
    ///   - name: `NAME`, or `NODE/NAME`.
    ///   - command: what to run on the container's own host, after `wgctl`.
    /// - Throws: `CommandFailure` that says where a container of another host is, and for who is not root: another user's
    ///   Podman has other containers.
    func local(_ name: String, command: [String]) async throws -> String {
        let found = try await state.objects(ObjectQuery(.containers, names: [name])).compactMap { object in
            if case .container(let container) = object { container } else { nil }
        }.filter { $0.name == name || "\($0.node)/\($0.name)" == name }
        if let container = found.first(where: \.isLocal) {
            guard geteuid() == 0 else { throw CommandFailure("Podman's containers are root's: run wgctl as root") }
            return container.name
        }
        guard let other = found.first else { throw CommandFailure("container \"\(name.printable)\" not found") }
        let words = command.map(Self.quoted).joined(separator: " ").printable
        throw CommandFailure("container \(other.name) is on \(other.node): run there: wgctl \(words)")
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_./:=@%+-,".contains($0)) }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
