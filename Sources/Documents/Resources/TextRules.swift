internal import NetAddress
public import Schema

/// How the texts of the CRDs' `title`s are read: the same parsers that the typed structs use.
public enum TextRules {
    public static let all: [String: TextRule] = [
        "IPAddress": TextRule { text in
            IPAddress(text) == nil
                ? .init(
                    "is not an IP address",
                    remedy: "write plain IPv4 such as 10.0.0.1 (no leading zeros) or IPv6 such as fd00::1 (no zone)")
                : nil
        },
        "CIDR": TextRule { text in
            do throws(CIDR.ParseError) {
                _ = try CIDR(parsing: text)
                return nil
            } catch { return problem(of: error) }
        },
        "AddressWithPrefix": TextRule { text in
            do throws(CIDR.ParseError) {
                _ = try CIDR(parsing: text)
                return nil
            } catch {
                if case .hostBitsSet = error { return nil }
                return problem(of: error)
            }
        },
        "Endpoint": TextRule { text in
            guard let endpoint = Endpoint(text) else {
                let fault = EndpointFault(in: text)
                return .init(
                    "is not an endpoint: it \(fault.reason)",
                    remedy: fault.remedy
                        ?? "write HOST, HOST:PORT, [IPv6] or [IPv6]:PORT, with a port from 1 to 65535")
            }
            return endpoint.whyUnreachable.map {
                .init("is not the address of a host: \($0)", remedy: "write one that other nodes reach")
            }
        },
        "InterfaceName": TextRule { text in
            ReservedNames.interfaces.contains(text)
                ? .init("is a name of the kernel's own", remedy: "choose another, such as wg0") : nil
        },
        "Image": TextRule { text in ImageProblem.problem(in: text) },
        "PublicKey": TextRule { text in
            guard let key = PublicKey(text) else {
                return .init(
                    "is not a WireGuard public key", remedy: "paste the 44 characters that `wgctl key show` prints")
            }
            return key.isLowOrder
                ? .init("is a key of low order that gives no secrecy", remedy: "make a real key pair") : nil
        },
        // One key in 64 begins with /, and the pattern takes it.
        "Path": TextRule { text in
            PublicKey(text) == nil
                ? nil
                : .init(
                    "is a key, not a path",
                    remedy: "make a new one, since this one has been seen, and write the path of the file with it")
        },
        "CPUQuantity": TextRule { text in
            (Quantity.milli(text) ?? 0) >= 10
                ? nil : .init("is not a quantity of CPU from 10m up", remedy: "write cores such as 500m or \"1.5\"")
        },
        "MemoryQuantity": TextRule { text in
            (Quantity.bytes(text) ?? 0) > 0
                ? nil : .init("is not a quantity of memory", remedy: "write bytes such as 64Mi or 1G")
        },
        "Duration": TextRule { text in
            GoDuration.milliseconds(text) == nil
                ? .init("is not a duration", remedy: "write it such as 30s or 1m30s") : nil
        },
    ]

    private static func problem(of error: CIDR.ParseError) -> TextRule.Problem {
        let parts = error.description.split(separator: ": ", maxSplits: 1)
        return .init(String(parts[0]), remedy: parts.count > 1 ? String(parts[1]) : "")
    }
}

extension PublicKey {
    /// Whether this is one of the points of Curve25519 whose shared secret is known to everybody (RFC 7748, section 6.1;
    /// the list is libsodium's, in crypto_scalarmult/curve25519).
    var isLowOrder: Bool {
        let masked = bytes.dropLast() + [(bytes.last ?? 0) & 0x7f]
        let hex = masked.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return PublicKey.lowOrderPoints.contains(hex)
    }

    private static let lowOrderPoints: Set<String> = [
        String(repeating: "00", count: 32),
        "01" + String(repeating: "00", count: 31),
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + String(repeating: "ff", count: 30) + "7f",
        "ed" + String(repeating: "ff", count: 30) + "7f",
        "ee" + String(repeating: "ff", count: 30) + "7f",
    ]
}
