import Foundation
import TestSupport
import Testing

/// A host with the real daemon and without Podman.
struct TunnelHost: Sendable {
    let node: String
    /// Its number, in its addresses: 198.18.N.2 below the tunnel, 10.0.0.N in it.
    let number: Int
    let host: TestHost
    /// Outlives the host: manifests (shared by all), the daemon's state, its log.
    let directory: String
    let publicKey: String

    /// A host with a key and without an interface; the daemon is not started.
    init(_ node: String, number: Int, in shared: String) throws {
        self.node = node
        self.number = number
        directory = "\(shared)/\(node)"
        if !FileManager.default.fileExists(atPath: directory) {
            try shell(
                """
                mkdir -p -m 0700 \(directory)/state/keys \(directory)/bin
                ln -s \(BuildProducts.wgctl) \(directory)/bin/wgd; ln -s \(BuildProducts.wgctl) \(directory)/bin/wgctl
                umask 077; wg genkey >\(directory)/state/keys/node.key; touch \(directory)/hosts
                """)
        }
        publicKey = try shell("wg pubkey <\(directory)/state/keys/node.key").trimmingCharacters(
            in: .whitespacesAndNewlines)
        host = try TestHost()
    }

    var manifests: String { "\(directory)/../manifests" }

    // MARK: The daemon

    /// - Parameter prefix: words before the command, with a space behind.
    func start(under prefix: String = "", resync seconds: Int = 1) async throws {
        try await background(
            """
            \(prefix)\(directory)/bin/wgd --node \(node) --manifests \(manifests) --resync \(seconds) \
                --state-dir \(directory)/state --policy \(directory)/policy.yaml --podman-socket /run/no-podman
            """, log: "\(directory)/wgd.log")
    }

    /// Starts what outlives the call, in a session of its own, with the names of `hosts` in its /etc/hosts; its process
    /// id.
    @discardableResult
    func background(_ command: String, log: String = "/dev/null") async throws -> Int {
        // Foundation takes a process for running while a descendant holds its descriptors, so they are closed.
        let pid = try await host.run(
            """
            mount --bind \(directory)/hosts /etc/hosts
            exec bash -c 'for file in /proc/self/fd/*; do
                [ ${file##*/} -gt 2 ] && eval "exec ${file##*/}>&-"
            done
            setsid sh -c "exec $1" sh </dev/null >>"$2" 2>&1 &
            echo $!' bash "$(cat <<'EOF'
            \(command)
            EOF
            )" \(log)
            """)
        return try #require(Int(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    func pid() throws -> Int? {
        (try? String(contentsOfFile: "\(directory)/state/wgd.lock", encoding: .utf8)).flatMap {
            Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    /// Ends it at once, and waits until it has let go of its lock.
    func kill() async throws {
        try shell("kill -9 \(try #require(try pid())); flock -w 60 \(directory)/state/wgd.lock true")
    }

    // MARK: What it says

    func wgctl(_ arguments: String) async throws -> String { try await host.run("\(directory)/bin/wgctl \(arguments)") }

    /// The writes that it counts, all but the database's, and the rounds of its lanes.
    private func counters() async throws -> (writes: Int, rounds: Int) {
        let text = try await wgctl("status -o json")
        let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let counters = report?["counters"] as? [String: Any]
        let writes = try #require(counters?["writes"] as? [String: Int], "no counters in \(text)")
        let rounds = try #require(counters?["reconciles"] as? Int, "no counters in \(text)")
        return (writes.filter { $0.key != "database" }.values.reduce(0, +), rounds)
    }

    /// Waits until nothing was written for two resyncs, and for three rounds where those take longer; the writes so far.
    func settled() async throws -> Int {
        var last: (writes: Int, rounds: Int)?
        try await waitUntil("\(node) has nothing left to do") {
            if let now = try? await counters() {
                if let last, last.writes == now.writes {
                    if now.rounds >= last.rounds + 3 { return true }
                } else {
                    last = now
                }
            }
            try await Task.sleep(for: .seconds(2))
            return false
        }
        return try #require(last).writes
    }

    /// What stands of the overlay: configuration, addresses, routes, settings; nothing that counts or has a number.
    func standing() async throws -> String {
        try await host.run(
            """
            wg showconf wg0 | grep -v ^Endpoint | sort
            for link in wg0 br-wg0; do
                ip -br -4 addr show dev $link; ip route show dev $link; ip -d link show $link | grep -oE 'mtu [0-9]+|alias .*'
            done
            sysctl net.ipv4.ip_forward net.ipv4.conf.br-wg0.proxy_arp
            """)
    }

    // MARK: Packets

    /// Waits until the other end of the tunnel answers.
    func reaches(_ other: TunnelHost, seconds: Double = 60) async throws {
        try await waitUntil("\(node) reaches \(other.node)", seconds: seconds) {
            (try? await host.run("ping -c1 -W1 10.0.0.\(other.number)")) != nil
        }
    }

    /// 100 packets a second to the other end, while `body` runs; none may be lost.
    func losesNothing(to other: TunnelHost, while body: () async throws -> Void) async throws {
        let log = "\(directory)/ping-\(UInt32.random(in: 0...UInt32.max)).log"
        let ping = try await background("ping -i 0.01 10.0.0.\(other.number)", log: log)
        do {
            try await body()
        } catch {
            _ = try? shell("kill -INT \(ping)")
            throw error
        }
        // What was sent last may be on its way when it ends: everything before what was answered last must be there.
        try shell("kill -INT \(ping)")
        try await waitUntil("ping ends") { try shell("cat \(log)").contains("packets transmitted") }
        let numbers = try shell("cat \(log)").split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("icmp_seq=") }.flatMap { Int($0.dropFirst(9)) }
        }
        #expect(numbers.count > 20, "too few to tell")
        #expect(
            Set(numbers).count == numbers.max(), "lost: \(Set(1...(numbers.max() ?? 1)).subtracting(numbers).sorted())")
    }
}
