internal import Descriptors
internal import Dispatch
internal import Glibc

extension PodmanClient {
    /// Makes Podman rewrite the firewall rules of every running container (`podman network reload --all`).
    ///
    /// The API cannot do it, so the program does: with the storage of the service that answers on the socket, and under
    /// systemd in a separate unit, because Podman writes where this daemon's sandbox forbids it.
    public func reloadNetworks() async throws {
        let object = "firewall rules"
        guard let path = Program.first(of: ["/usr/bin/podman", "/usr/local/bin/podman"]) else {
            throw PodmanError(.program("the program podman is missing: apt-get install podman"), object: object)
        }
        let store = try await client.get(LibpodInfo.self, "/info", object: object)?.store
        var command = [path]
        if let store { command += ["--root", store.graphRoot, "--runroot", store.runRoot] }
        command += ["network", "reload", "--all"]
        let program =
            Systemd.runsThisHost
            ? Systemd.unit(
                // The unit may outlive the program that waits for it: one at a time, with a time limit.
                ["--wait", "--pipe", "--unit=wgctl-podman-reload", "--property=RuntimeMaxSec=55"], command)
            : Program(path: path, arguments: Array(command.dropFirst()))
        client.countWrite()
        let result = await withCheckedContinuation { continuation in
            // It takes longer with more containers: not on a thread of the cooperative pool.
            DispatchQueue.global().async { continuation.resume(returning: program.run(timeout: .seconds(60))) }
        }
        let problem: String
        switch result {
        case .success(let outcome?) where outcome.isSuccess: return
        case .success(let outcome?):
            problem = outcome.text.split(separator: "\n").last.map(String.init) ?? "it ended with an error"
        case .success(nil): problem = "no answer within 60 s, so it was ended"
        case .failure(let error): problem = "\(program.path): \(SystemError.text(of: error.code))"
        }
        throw PodmanError(.program("podman network reload --all: \(problem)"), object: object)
    }
}

/// The part of `GET /info` about where containers are stored.
private struct LibpodInfo: Decodable {
    struct Store: Decodable {
        var graphRoot: String
        var runRoot: String
    }

    var store: Store
}
