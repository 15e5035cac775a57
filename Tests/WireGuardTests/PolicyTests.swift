import Testing

@testable import Netlink
@testable import WireGuard

/// What kernels say of `WG_CMD_SET_DEVICE` (`CTRL_CMD_GETPOLICY`), and what follows from it.
@Suite struct PolicyTests {
    /// One attribute of the dump: which policy, which attribute, and its properties.
    private struct Entry {
        var policy: UInt16
        var attribute: UInt16
        var nested: UInt8?
        var mask: UInt8?

        /// `CTRL_ATTR_POLICY` (8) { policy { attribute { NL_POLICY_TYPE_ATTR_* } } }, after `CTRL_ATTR_FAMILY_ID` (1).
        var bytes: [UInt8] {
            var properties = PolicyTests.attribute(1, [3, 0, 0, 0])  // _TYPE
            if let nested { properties += PolicyTests.attribute(8, [nested, 0, 0, 0]) }  // _POLICY_IDX
            if let mask { properties += PolicyTests.attribute(12, [mask, 0, 0, 0, 0, 0, 0, 0]) }  // _MASK
            let inner = PolicyTests.attribute(attribute, properties)
            return PolicyTests.attribute(1, [0x1d, 0])
                + PolicyTests.attribute(8, PolicyTests.attribute(policy, inner))
        }
    }

    /// `CTRL_ATTR_OP_POLICY` (9) { command { CTRL_ATTR_POLICY_DO (1), CTRL_ATTR_POLICY_DUMP (2) } }
    private static func command(_ command: UInt16, policy: UInt8) -> [UInt8] {
        attribute(1, [0x1d, 0])
            + attribute(9, attribute(command, attribute(1, [policy, 0, 0, 0]) + attribute(2, [7, 0, 0, 0])))
    }

    private static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let length = UInt16(payload.count + 4)
        let padding = [UInt8](repeating: 0, count: -payload.count & 3)
        return [UInt8(length & 255), UInt8(length >> 8), UInt8(type & 255), UInt8(type >> 8)] + payload + padding
    }

    private func takesAllowedIPsAway(_ messages: [[UInt8]]) throws -> Bool {
        var policy = GenericPolicy()
        for message in messages { try policy.take(AttributeDecoder(message[...])) }
        return DeviceAttributes.takeAllowedIPsAway(by: policy)
    }

    /// As 6.1 and 6.12 answer: one policy for both commands, nothing said of what peers hold, nor of flags.
    @Test func aKernelBefore6Point16DoesNot() throws {
        let entries = (1...8).map { Entry(policy: 0, attribute: $0) }
        #expect(try !takesAllowedIPsAway([Self.command(1, policy: 0)] + entries.map(\.bytes)))
        #expect(try !takesAllowedIPsAway([]))
    }

    @Test func aKernelFrom6Point16ToldByTheBitsOfTheFlagsDoes() throws {
        let entries = (1...8).map { Entry(policy: 0, attribute: $0, mask: $0 == 5 ? 1 : nil) }
        #expect(try takesAllowedIPsAway([Self.command(1, policy: 0)] + entries.map(\.bytes)))
        // The mask of another attribute, or of another command, says nothing.
        let others = (1...8).map { Entry(policy: 0, attribute: $0, mask: $0 == 7 ? 1 : nil) }
        #expect(try !takesAllowedIPsAway([Self.command(1, policy: 0)] + others.map(\.bytes)))
        #expect(try !takesAllowedIPsAway([Self.command(0, policy: 0)] + entries.map(\.bytes)))
    }

    @Test(arguments: [3, 4])
    func aKernelThatListsWhatAllowedIPsHoldIsTakenAtItsWord(attributes: UInt16) throws {
        let device = (1...8).map { Entry(policy: 1, attribute: $0, nested: $0 == 8 ? 2 : nil, mask: $0 == 5 ? 1 : nil) }
        let peer = (1...10).map { Entry(policy: 2, attribute: $0, nested: $0 == 9 ? 3 : nil) }
        let allowedIP = (1...attributes).map { Entry(policy: 3, attribute: $0) }
        let messages = [Self.command(1, policy: 1)] + (device + peer + allowedIP).map(\.bytes)
        #expect(try takesAllowedIPsAway(messages) == (attributes == 4))
        #expect(try takesAllowedIPsAway(messages.reversed()) == (attributes == 4), "in any order")
    }

    @Test func aMessageThatIsCutOffIsAnError() throws {
        let whole = Entry(policy: 0, attribute: 5, mask: 1).bytes
        #expect(throws: AttributeDecoder.DecodingError.self) { try takesAllowedIPsAway([Array(whole.dropLast(2))]) }
    }
}
