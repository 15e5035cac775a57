import Foundation
import HostState
import NetAddress
import Netlink
import NetworkState
import TestSupport
@testable import RouteNetlink
import Synchronization
import Testing

@Suite struct DriftTests {
    /// The hints up to the first that says `text`; fails after a while, with all that was said instead.
    @discardableResult
    private func hints(_ stream: AsyncStream<DriftHint>, until text: String) async throws -> [String] {
        let listening = Task { () -> [String] in
            var said: [String] = []
            for await hint in stream {
                said.append(hint.summary)
                if hint.summary.contains(text) { break }
            }
            return said
        }
        let deadline = Task {
            try await Task.sleep(for: .seconds(20))
            listening.cancel()
        }
        defer { deadline.cancel() }
        let said = await listening.value
        try #require(said.last?.contains(text) ?? false, "no hint that says \"\(text)\", but \(said.suffix(5))")
        return said
    }

    @Test func whatIsDoneByHandIsToldInWords() async throws {
        let world = try World()
        try await world.makeBridge()
        let own = DesiredAddress(interface: "br-wg0", address: try address("10.0.0.1"), prefixLength: 32)
        try await world.backend.apply(.addAddress(own))
        try await world.backend.apply(
            .addRoute(DesiredRoute(destination: try cidr("10.0.0.20/32"), interface: "br-wg0")))
        let stream = world.backend.drift()
        try world.namespace.ip("route", "del", "10.0.0.20/32")
        try await hints(stream, until: "route 10.0.0.20/32 of br-wg0 deleted")
        let second = world.backend.drift()
        try world.namespace.ip("addr", "del", "10.0.0.1/32", "dev", "br-wg0")
        try await hints(second, until: "address 10.0.0.1/32 of br-wg0 deleted")
        let third = world.backend.drift()
        try world.namespace.execute("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/br-wg0/proxy_arp")
        try await hints(third, until: "setting of br-wg0 changed")
        let fourth = world.backend.drift()
        try world.namespace.ip("link", "set", "br-wg0", "down")
        try await hints(fourth, until: "link br-wg0 is down")
        let fifth = world.backend.drift()
        try world.namespace.ip("link", "del", "an-wg0")
        try await hints(fifth, until: "an-wg0")
    }

    @Test func whoKeepsDeletingARouteIsNamed() async throws {
        let world = try World()
        try await world.makeBridge()
        let route = DesiredRoute(destination: try cidr("10.0.0.20/32"), interface: "br-wg0")
        try await world.backend.apply(.addRoute(route))
        // One process and one socket, as a daemon has.
        let rival = Process()
        let commands = Pipe()
        rival.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        rival.arguments = ["ip", "-n", world.namespace.name, "-force", "-batch", "-"]
        rival.standardInput = commands
        rival.standardError = FileHandle.nullDevice
        try rival.run()
        defer { rival.terminate() }
        let deletion = Data("route del 10.0.0.20/32\n".utf8)
        let stream = world.backend.drift()
        try commands.fileHandleForWriting.write(contentsOf: deletion)
        try await hints(stream, until: "route 10.0.0.20/32 of br-wg0 deleted")
        // The hint comes first: to find out who it was takes longer than a repair.
        try await waitUntil("the rival is known") { world.backend.rival(of: .route(route.destination)) != nil }
        #expect(
            world.backend.rival(of: .route(route.destination)) == .process(name: "ip", pid: rival.processIdentifier))
        #expect("\(Rival.process(name: "ip", pid: 7))" == "ip (pid 7)")

        // Whoever is gone when it is looked for is not guessed at; what a route says of its maker is known at any time.
        let second = world.backend.drift()
        try world.namespace.ip("route", "add", "10.0.0.21/32", "dev", "br-wg0", "proto", "bird")
        try await hints(second, until: "route 10.0.0.21/32 of br-wg0 added or changed")
        try await waitUntil("the maker is known") {
            world.backend.rival(of: .route(try cidr("10.0.0.21/32"))) != nil
        }
        switch try #require(world.backend.rival(of: .route(try cidr("10.0.0.21/32")))) {
        case .process(let name, _): #expect(name == "ip")
        case .routing(let number): #expect(number == 12)
        case .gone, .hidden: Issue.record("the route says who made it")
        }
        #expect(world.backend.rival(of: .route(try cidr("10.0.0.22/32"))) == nil)
    }

    /// To the kernel it is another route than ours, and both stand.
    @Test func whoMakesARouteBesideOursIsNoRival() async throws {
        let world = try World()
        try await world.makeBridge()
        let stream = world.backend.drift()
        let besides = ["10.0.0.21/32 tos 0x10", "10.0.0.22/32 metric 7"]
        for route in besides + ["10.0.0.23/32"] {
            try world.namespace.execute("sh", "-c", "ip route add \(route) dev br-wg0 proto bird")
        }
        try await hints(stream, until: "route 10.0.0.23/32 of br-wg0 added or changed")
        // Told last, noted last.
        try await waitUntil("the maker is known") {
            world.backend.rival(of: .route(try cidr("10.0.0.23/32"))) != nil
        }
        for destination in ["10.0.0.21/32", "10.0.0.22/32"] {
            #expect(world.backend.rival(of: .route(try cidr(destination))) == nil, "\(destination)")
        }
    }

    /// As in the sandbox of the systemd unit, which leaves the daemon fewer capabilities than others have.
    @Test func aProgramThatMayNotBeLookedIntoIsNotTakenForOneThatEnded() throws {
        let namespace = try NetworkNamespace()
        let rival = Process()
        let commands = Pipe()
        rival.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        rival.arguments = ["ip", "-n", namespace.name, "-force", "-batch", "-"]
        rival.standardInput = commands
        rival.standardOutput = FileHandle.nullDevice
        rival.standardError = FileHandle.nullDevice
        try rival.run()
        defer { kill(rival.processIdentifier, SIGKILL) }
        let (pid, port) = (rival.processIdentifier, UInt32(rival.processIdentifier))
        // It opens its socket with the first command.
        try commands.fileHandleForWriting.write(contentsOf: Data("link show lo\n".utf8))
        let deadline = ContinuousClock.now + .seconds(20)
        func owner() throws -> Rival {
            try namespace.enter { try NetlinkOwners().owner(ofPort: port, within: .seconds(20)) }
        }
        while try owner() == .gone(port: port), .now < deadline { usleep(10_000) }
        #expect(try owner() == .process(name: "ip", pid: pid))
        let hidden = try namespace.enter {
            let owners = try NetlinkOwners()
            try Capabilities.drop()
            return owners.owner(ofPort: port, within: .seconds(20))
        }
        #expect(hidden == .hidden(port: port, likely: "ip"))
        #expect("\(hidden)" == "a program that wgd may not look into (netlink port \(pid)), probably ip (pid \(pid))")
        kill(pid, SIGKILL)
        while try owner() != .gone(port: port), .now < deadline { usleep(10_000) }
        #expect(try owner() == .gone(port: port))
    }

    @Test func ourOwnWritesAreNoDrift() async throws {
        let world = try World()
        try await world.makeBridge()
        let stream = world.backend.drift()
        let route = DesiredRoute(destination: try cidr("10.0.0.20/32"), interface: "br-wg0")
        for _ in 0..<20 {
            try await world.backend.apply(.addRoute(route))
            try await world.backend.apply(.deleteRoute(try #require(try await world.observe().routes.first)))
        }
        // What is done by hand comes after, on the same socket: had ours been told, it would have come first. Done again
        // and again, because a hint names few changes, and the kernel makes some of its own while links come up.
        let byHand = Task {
            for metric in 1... {
                try world.namespace.ip("route", "add", "10.9.9.9/32", "dev", "br-wg0", "metric", "\(metric)")
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        defer { byHand.cancel() }
        let said = try await hints(stream, until: "10.9.9.9")
        #expect(!said.contains { $0.contains("10.0.0.20") }, "\(said)")
    }

    /// The network lane looks at foreign routes on its own destinations only; others of this host do at all of them.
    @Test(.timeLimit(.minutes(1)), arguments: ["10.9.9.9/32", "fd00:9::9/128"])
    func aForeignRouteElsewhereIsToldAndOfNoConcern(_ destination: String) async throws {
        let world = try World()
        try world.namespace.ip("link", "add", "eth7", "type", "veth", "peer", "eth8")
        for name in ["eth7", "eth8"] { try world.namespace.ip("link", "set", name, "up") }
        var metric = 1
        func isOfConcern(_ options: String...) async throws -> Bool {
            // Again and again, because a link that comes up has things of its own to tell.
            while true {
                metric += 1
                let stream = world.backend.drift()
                let add = ["ip", "-n", world.namespace.name, "route", "add", destination, "dev", "eth7"]
                try run(add + ["metric", "\(metric)"] + options)
                for await hint in stream {
                    if hint.changes == ["route \(destination) of eth7 added or changed"] { return hint.isOfConcern }
                    if hint.summary.contains("route \(destination)") { break }
                }
            }
        }
        #expect(try await isOfConcern(), "nobody has said where routes are wanted")
        world.backend.watch([try cidr("10.0.0.20/32")])
        #expect(try await !isOfConcern())
        #expect(try await isOfConcern("proto", "87"), "it carries our mark")
        world.backend.watch([try cidr("10.0.0.20/32"), try cidr(destination)])
        #expect(try await isOfConcern())
        var quiet = DriftHint()
        quiet.add(Notice(text: "a"), isOfConcern: false)
        var pressing = DriftHint()
        pressing.add(Notice(text: "b"))
        #expect(!quiet.followed(by: quiet).isOfConcern)
        #expect(quiet.followed(by: pressing).isOfConcern && pressing.followed(by: quiet).isOfConcern)
        quiet.isOverflow = true
        #expect(quiet.isOfConcern)
    }

    @Test func hintsThatWaitBecomeOne() {
        var first = DriftHint()
        first.add(Notice(text: "a"))
        first.add(Notice(text: "a"))
        var second = DriftHint()
        for number in 0..<9 { second.add(Notice(text: "b\(number)")) }
        let both = first.followed(by: second)
        #expect(both.summary == "a; b0; b1; b2; b3; b4; b5; b6; 2 more changes")
    }

    @Test func lostNotificationsSayLookAgain() async throws {
        let world = try World()
        try await world.makeBridge()
        let monitor = try world.namespace.enter {
            try DriftMonitor(ignoringPortID: 0, receiveBuffer: 2048) { try LinkTable(NetlinkSocket(.route)) }
        }
        let stream = monitor.stream()
        // Again and again: on a busy machine a reader may keep up with one storm.
        let storm = Task {
            let routes = (0..<10_000).map { number in
                DesiredRoute(destination: IPAddress(v4: 0x0a01_0000 + UInt32(number)).hostCIDR, interface: "br-wg0")
            }
            while !Task.isCancelled {
                for result in await world.backend.apply(routes.map { .addRoute($0) }) { try result.get() }
                let added = try await world.observe().routes
                #expect(added.count == routes.count)
                for result in await world.backend.apply(added.map { .deleteRoute($0) }) { try result.get() }
            }
        }
        try await hints(stream, until: "more changed than the kernel could tell")
        storm.cancel()
        try await storm.value
    }
}
