import CLinux
import Foundation
import Glibc
import Netlink
import Synchronization
import TestSupport
import Testing

@Suite struct SocketTests {
    @Test func theKernelSaysWhyItRefuses() throws {
        let namespace = try NetworkNamespace()
        let error = try namespace.enter {
            let socket = try NetlinkSocket(.route)
            // A gateway that the interface does not lead to.
            var header = rtmsg()
            header.rtm_family = 2
            header.rtm_dst_len = 32
            header.rtm_table = 254
            header.rtm_type = 1
            var message = NetlinkMessage(type: UInt16(RTM_NEWROUTE), flags: UInt16(NLM_F_CREATE), header: header)
            message.put(1, bytes: [10, 0, 0, 20])
            message.put(5, bytes: [10, 9, 9, 9])
            message.put(4, UInt32(1))
            do throws(NetlinkError) {
                try socket.perform(message, "add route 10.0.0.20/32")
                return nil as NetlinkError?
            } catch { return error }
        }
        let refusal = try #require(error)
        #expect(refusal.operation == "add route 10.0.0.20/32")
        #expect(refusal.message != nil)
        #expect("\(refusal)".hasPrefix("add route 10.0.0.20/32: \(refusal.message ?? "")"))
    }

    @Test func genericFamiliesAreFoundByName() throws {
        let socket = try NetlinkSocket(.generic)
        let control = try #require(try socket.genericFamily(named: "nlctrl"))
        #expect(control.id == 0x10)
        #expect(control.multicastGroups["notify"] != nil)
        #expect(try socket.genericFamily(named: "wgctl-no-such") == nil)

        // A dump of every family holds that one too.
        let request = control.message(UInt8(CTRL_CMD_GETFAMILY))
        let names = try socket.dump(request, "list families", into: Set<String>(), wipes: true) { names, message in
            guard var attributes = message.generic?.attributes else { return }
            while let type = attributes.next() {
                if type == UInt16(CTRL_ATTR_FAMILY_NAME) { names.insert(attributes.string()) }
            }
        }
        #expect(names.contains("nlctrl"))
        #expect(names.count > 1)
        #expect(socket.writes == 0)
    }

    @Test func aCommandSaysWhatItTakes() throws {
        let socket = try NetlinkSocket(.generic)
        let control = try #require(try socket.genericFamily(named: "nlctrl"))
        let taken = try socket.policy(of: control, command: UInt8(CTRL_CMD_GETFAMILY))
            .attributes(of: UInt8(CTRL_CMD_GETFAMILY))
        #expect(taken[UInt16(CTRL_ATTR_FAMILY_NAME)] != nil && taken[UInt16(CTRL_ATTR_OP)] == nil)
        #expect(throws: NetlinkError.self) { try socket.policy(of: control, command: 200) }
        #expect(socket.writes == 0)
    }

    @Test func aFailingReaderLeavesTheSocketUsable() throws {
        struct Stop: Error {}
        let socket = try NetlinkSocket(.generic)
        let control = try #require(try socket.genericFamily(named: "nlctrl"))
        let request = control.message(UInt8(CTRL_CMD_GETFAMILY))
        #expect(throws: Stop.self) {
            _ = try socket.dump(request, "list families", into: 0) { _, _ in throw Stop() }
        }
        #expect(try socket.genericFamily(named: "nlctrl") == control)
    }

    @Test func aRequestThatDoesNotFitIsNotSent() throws {
        let socket = try NetlinkSocket(.generic)
        var request = NetlinkMessage(type: 0x10, header: genlmsghdr())
        request.put(1, bytes: [UInt8](repeating: 0, count: 70_000))
        #expect { try socket.perform(request, "send too much") } throws: { error in
            (error as? NetlinkError)?.code == EMSGSIZE
        }
        #expect(socket.writes == 0)
    }

    @Test func aTornDumpIsNeverTold() throws {
        // Links come and go while they are listed. Each list that is told holds every link that never went.
        let namespace = try NetworkNamespace()
        let stable = 600
        try namespace.enter {
            let socket = try NetlinkSocket(.route)
            #expect(
                try socket.batch((0..<stable).map { bridge("fix\($0)") }, "make links").allSatisfy { $0 == nil })
            #expect(socket.writes == stable)
        }
        let isDone = Mutex(false)
        let churnEnded = DispatchSemaphore(value: 0)
        // Unowned: the thread must not be the last to let go of the namespace, perhaps after the process has ended.
        let churn = Thread { [unowned namespace] in
            defer { churnEnded.signal() }
            try? namespace.enter {
                let socket = try NetlinkSocket(.route)
                while !isDone.withLock({ $0 }) {
                    _ = try socket.batch([bridge("churn"), deletion("churn")], "churn")
                }
            }
        }
        churn.start()
        defer {
            isDone.withLock { $0 = true }
            churnEnded.wait()
            withExtendedLifetime(namespace) {}
        }
        let (whole, torn) = try namespace.enter {
            let socket = try NetlinkSocket(.route)
            var whole = 0
            var torn = 0
            for _ in 0..<60 {
                var starts = 0
                func begin() -> Set<String> {
                    starts += 1
                    return []
                }
                do {
                    let request = NetlinkMessage(type: UInt16(RTM_GETLINK), header: ifinfomsg())
                    let names = try socket.dump(request, "list links", into: begin(), attempts: 3) { names, message in
                        var attributes = message.attributes(after: ifinfomsg.self)
                        while let type = attributes.next() {
                            if type == UInt16(IFLA_IFNAME) { names.insert(attributes.string()) }
                        }
                    }
                    #expect(names.count { $0.hasPrefix("fix") } == stable)
                    whole += 1
                } catch let error as NetlinkError where error.code == EINTR { torn += 1 }
                torn += starts - 1
            }
            return (whole, torn)
        }
        // Without a torn dump this proves nothing.
        #expect(torn > 0)
        print("dumps under churn: \(whole) whole, \(torn) torn")
    }

    @Test func aRefusalInABatchNamesItsMessageAndTheRestGoesOn() throws {
        let namespace = try NetworkNamespace()
        let results = try namespace.enter {
            try NetlinkSocket(.route).batch([bridge("a"), bridge("a"), bridge("b"), deletion("none")], "make links")
        }
        #expect(results.map { $0?.code } == [nil, EEXIST, nil, ENODEV])
        #expect(try namespace.json("link").compactMap { $0["ifname"] }.sorted() == ["a", "b", "lo"])
    }

    @Test func anOverflowIsToldAndReadingGoesOn() throws {
        let namespace = try NetworkNamespace()
        let (first, second, count) = try namespace.enter {
            let listener = try MulticastSocket(.route, groups: [RTNLGRP_LINK.rawValue], receiveBuffer: 2048)
            let socket = try NetlinkSocket(.route)
            _ = try socket.batch((0..<100).map { bridge("b\($0)") }, "make links")
            let first = listener.drain { _ in }
            _ = try socket.batch([deletion("b0")], "delete a link")
            var count = 0
            let second = listener.drain { if $0.type == RTM_DELLINK { count += 1 } }
            return (first, second, count)
        }
        #expect(first == .overflowed)
        #expect(second == .drained)
        #expect(count > 0)
    }

    @Test func whatOneSocketAsksForIsNotHeardWhereItIsIgnored() throws {
        let namespace = try NetworkNamespace()
        let heard = try namespace.enter {
            let (ignored, other) = (try NetlinkSocket(.route), try NetlinkSocket(.route))
            let groups = [RTNLGRP_IPV4_ROUTE.rawValue]
            let listener = try MulticastSocket(.route, groups: groups, ignoringPortID: ignored.portID)
            let everything = try MulticastSocket(.route, groups: groups)
            func route(_ metric: UInt32, _ socket: NetlinkSocket) throws {
                var header = rtmsg()
                header.rtm_family = UInt8(AF_INET)
                header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
                header.rtm_type = UInt8(RTN_BLACKHOLE)
                var message = NetlinkMessage(type: UInt16(RTM_NEWROUTE), flags: UInt16(NLM_F_CREATE), header: header)
                message.put(UInt16(RTA_PRIORITY.rawValue), metric)
                try socket.perform(message, "add a route")
            }
            try route(1, ignored)
            try route(2, other)
            try route(3, ignored)
            return [listener, everything].map { socket in
                var ports: [UInt32] = []
                _ = socket.drain { ports.append($0.portID == ignored.portID ? 1 : 2) }
                return ports
            }
        }
        #expect(heard == [[2], [1, 2, 1]])
    }

    @Test func nothingBlocksForEver() throws {
        let socket = try NetlinkSocket(.generic, timeout: 1)
        // A no-op message type without an ack: the kernel answers nothing, so a reply never comes.
        let clock = ContinuousClock()
        let start = clock.now
        let request = NetlinkMessage(type: UInt16(NLMSG_NOOP), header: genlmsghdr())
        #expect { _ = try socket.dump(request, "wait", into: 0) { _, _ in } } throws: { error in
            (error as? NetlinkError)?.code == ETIMEDOUT
        }
        #expect(clock.now - start < .seconds(5))
    }
}

private func bridge(_ name: String) -> NetlinkMessage {
    var message = NetlinkMessage(
        type: UInt16(RTM_NEWLINK), flags: UInt16(NLM_F_CREATE | NLM_F_EXCL), header: ifinfomsg())
    message.put(UInt16(IFLA_IFNAME), string: name)
    message.nest(UInt16(IFLA_LINKINFO)) { $0.put(UInt16(IFLA_INFO_KIND), string: "bridge") }
    return message
}

private func deletion(_ name: String) -> NetlinkMessage {
    var message = NetlinkMessage(type: UInt16(RTM_DELLINK), header: ifinfomsg())
    message.put(UInt16(IFLA_IFNAME), string: name)
    return message
}
