import CLinux
import Glibc
import Netlink
import Testing

struct CodecTests {
    @Test func goldenBytesOfARouteRequest() {
        var header = rtmsg()
        header.rtm_family = 2
        header.rtm_dst_len = 32
        header.rtm_table = 254
        header.rtm_protocol = 87
        header.rtm_scope = 253
        header.rtm_type = 1
        var message = NetlinkMessage(type: 24, flags: 0x600, header: header)
        message.put(1, bytes: [10, 0, 0, 20])
        message.put(4, UInt32(7))
        message.nest(8) { $0.put(2, UInt32(1420)) }
        message.put(3, string: "wg0")
        message.putFlag(9)
        #expect(message.buildError == nil)
        #expect(
            Array(message.bytes) == [
                68, 0, 0, 0,  // nlmsg_len
                24, 0, 0x00, 0x06,  // RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL
                0, 0, 0, 0, 0, 0, 0, 0,  // sequence and port: filled in when it is sent
                2, 32, 0, 0, 254, 87, 253, 1, 0, 0, 0, 0,  // rtmsg
                8, 0, 1, 0, 10, 0, 0, 20,  // RTA_DST
                8, 0, 4, 0, 7, 0, 0, 0,  // RTA_OIF
                12, 0, 8, 0x80, 8, 0, 2, 0, 0x8c, 0x05, 0, 0,  // RTA_METRICS { RTAX_MTU }, NLA_F_NESTED
                8, 0, 3, 0, 0x77, 0x67, 0x30, 0,  // text with its NUL
                4, 0, 9, 0,  // flag
            ] as [UInt8])
    }

    @Test func oddLengthsArePadded() {
        var message = NetlinkMessage(type: 1, header: genlmsghdr(cmd: 1, version: 1, reserved: 0))
        message.put(5, bytes: [1, 2, 3, 4, 5])
        message.put(6, UInt8(9))
        #expect(
            Array(message.bytes.dropFirst(20)) == [9, 0, 5, 0, 1, 2, 3, 4, 5, 0, 0, 0, 5, 0, 6, 0, 9, 0, 0, 0]
                as [UInt8])
        #expect(message.count == message.bytes.count)
    }

    @Test func theFirstFailureSticks() {
        var message = NetlinkMessage(type: 1, header: genlmsghdr())
        message.put(7, bytes: [UInt8](repeating: 1, count: 65_532))
        message.put(8, UInt32(1))
        #expect(message.buildError == .attributeTooLong(type: 7))
        #expect(message.count == 20)

        var long = NetlinkMessage(type: 1, header: genlmsghdr())
        for _ in 0..<3 { long.put(1, bytes: [UInt8](repeating: 1, count: 30_000)) }
        #expect(long.buildError == .messageTooLong)

        var nested = NetlinkMessage(type: 1, header: genlmsghdr())
        nested.nest(3) { for _ in 0..<3 { $0.put(1, bytes: [UInt8](repeating: 1, count: 21_840)) } }
        #expect(nested.buildError == .messageTooLong)
    }

    @Test func whatWasPutIsReadBack() throws {
        var message = NetlinkMessage(type: 1, header: genlmsghdr())
        message.put(1, UInt8(200))
        message.put(2, UInt16(40_000))
        message.put(3, UInt32(4_000_000_000))
        message.put(4, UInt64.max)
        message.put(5, string: "täxt")
        message.nest(6) { nest in
            nest.put(1, Int32(-5))
            nest.nest(2) { $0.put(3, UInt8(1)) }
        }
        var seen: [UInt16] = []
        var attributes = AttributeDecoder(message.bytes.dropFirst(20))
        while let type = attributes.next() {
            seen.append(type)
            switch type {
            case 1: #expect(attributes.integer(UInt8.self) == 200)
            case 2: #expect(attributes.integer(UInt16.self) == 40_000)
            case 3: #expect(attributes.integer(UInt32.self) == 4_000_000_000)
            case 4: #expect(attributes.integer(UInt64.self) == UInt64.max)
            case 5: #expect(attributes.string() == "täxt")
            case 6:
                var nested = attributes.nested()
                #expect(nested.next() == 1)
                #expect(nested.integer(Int32.self) == -5)
                #expect(nested.next() == 2)
                #expect(nested.next() == nil)
                try nested.check()
            default: Issue.record("type \(type)")
            }
        }
        try attributes.check()
        #expect(seen == [1, 2, 3, 4, 5, 6])
    }

    @Test(
        arguments: [
            [3, 0, 1, 0], [0, 0, 0, 0], [8, 0, 1, 0, 1, 2, 3], [255, 255, 1, 0, 0, 0, 0, 0], [4, 0], [4, 0, 1, 0, 9],
        ] as [[UInt8]])
    func malformedBytesAreAnErrorAndNoMore(_ bytes: [UInt8]) {
        var attributes = AttributeDecoder(bytes[...])
        while attributes.next() != nil {}
        #expect(attributes.error == .malformed)
    }

    @Test func aValueOfTheWrongSizeIsRemembered() {
        var attributes = AttributeDecoder([6, 0, 4, 0, 1, 2, 0, 0])
        #expect(attributes.next() == 4)
        #expect(attributes.integer(UInt32.self) == 0)
        #expect(attributes.error == .wrongSize(type: 4, expected: 4, found: 2))
        #expect(throws: AttributeDecoder.DecodingError.self) { try attributes.check() }
    }

    @Test func wipingLeavesNothing() {
        var message = NetlinkMessage(type: 1, header: genlmsghdr())
        message.put(3, bytes: [UInt8](repeating: 0xaa, count: 32))
        message.wipe()
        #expect(message.bytes.allSatisfy { $0 == 0 })
        #expect(message.buildError == .wiped)
    }
}
