import Foundation
import Testing

extension Laboratory {
    /// Where `startOwnDaemon` keeps a daemon's state: empty at first, so it has neither a key nor a history.
    static let stateDirectory = "/run/wgd-by-hand"

    /// The words that start such a daemon.
    ///
    /// - Parameter host: the name that it is given.
    static func daemonLine(for host: String, _ lab: Laboratory, socket: String? = nil) -> String {
        "wgd --node \(host) --manifests \(lab.manifests.path) --state-dir \(stateDirectory)"
            + (socket.map { " --socket \($0)" } ?? "")
    }

    /// Starts wgd on a host of a lab without daemons, as an operator would by hand, with a state directory of its own
    /// and no map of peer keys.
    ///
    /// - Parameters:
    ///   - name: what the host is called; nil: as it is in the lab.
    ///   - prefix: words before it, such as a tracer's.
    func startOwnDaemon(_ host: String, called name: String? = nil, under prefix: String = "") async throws {
        try await launchOwnDaemon(host, called: name, under: prefix)
        try await eventually(host, ["wgctl", "status"], seconds: 30)
    }

    /// The same, without waiting until it answers. `/run/wgd.pid` has the process, or its prefix's.
    func launchOwnDaemon(
        _ host: String, called name: String? = nil, under prefix: String = "", socket: String? = nil
    ) async throws {
        let wgd = prefix + Self.daemonLine(for: name ?? host, self, socket: socket)
        // Foundation's Process takes a program for running as long as anything holds the descriptor that it passes on.
        let close = "for fd in $(ls /proc/$$/fd); do [ $fd -le 2 ] || eval \"exec $fd>&-\"; done"
        let script = "\(close)\nsetsid \(wgd) </dev/null >>/run/wgd-by-hand.log 2>&1 & echo $! >/run/wgd.pid"
        try await must(host, "bash", "-c", script, seconds: 20)
    }

    /// Stops it by its pid, and waits until it is gone.
    func stopOwnDaemon(_ host: String) async throws {
        try await must(
            host, "sh", "-c",
            "pid=$(cat \(Self.stateDirectory)/wgd.lock); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done"
        )
    }
}
