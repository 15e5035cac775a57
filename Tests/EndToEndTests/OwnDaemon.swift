import Foundation
import Testing

extension Laboratory {
    /// Where `startOwnDaemon` keeps a daemon's state: empty at first, so it has neither a key nor a history.
    static let stateDirectory = "/run/wgd-by-hand"

    /// Starts wgd on a host of a lab without daemons, as an operator would by hand, with a state directory of its own
    /// and no map of peer keys.
    func startOwnDaemon(_ host: String) async throws {
        let wgd = "wgd --node \(host) --manifests \(manifests.path) --state-dir \(Self.stateDirectory)"
        // Foundation's Process takes a program for running as long as anything holds the descriptor that it passes on.
        let close = "for fd in $(ls /proc/$$/fd); do [ $fd -le 2 ] || eval \"exec $fd>&-\"; done"
        let script = "\(close)\nsetsid \(wgd) </dev/null >>/run/wgd-by-hand.log 2>&1 & echo $! >/run/wgd.pid"
        try await must(host, "bash", "-c", script, seconds: 20)
        try await eventually(host, ["wgctl", "status"], seconds: 30)
    }

    /// Stops it by its pid, and waits until it is gone.
    func stopOwnDaemon(_ host: String) async throws {
        try await must(
            host, "sh", "-c", "pid=$(cat /run/wgd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")
    }
}
