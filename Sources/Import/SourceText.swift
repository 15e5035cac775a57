internal import Manifest
internal import NetAddress

/// A value for a report. What is long enough to be a key is not shown, wherever it stands.
func shown(_ text: String) -> String {
    let words = text.utf8.split { byte in
        !(isLetterOrDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/"))
    }
    return words.contains { $0.count >= 40 } ? "the value" : quoted(text)
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
}

/// A number in decimal digits alone; nil for signs and what does not fit.
func decimal<Number: FixedWidthInteger>(_ text: String) -> Number? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Number(text) : nil
}

/// A keepalive interval as wg(8) reads it: seconds, or `off`.
func wireGuardKeepalive(_ text: String) -> UInt16? { text.lowercased() == "off" ? 0 : decimal(text) }

/// A mark as wg(8) reads it: `off`, or a number of C, so that 0x10 and 020 are 16.
func wireGuardMark(_ text: String) -> UInt32? {
    let text = text.lowercased()
    if text == "off" { return 0 }
    guard text.utf8.allSatisfy(isLetterOrDigit) else { return nil }
    if text.hasPrefix("0x") { return UInt32(text.dropFirst(2), radix: 16) }
    return UInt32(text, radix: text.hasPrefix("0") ? 8 : 10)
}

/// An endpoint as wg(8) reads it: the port comes after the last colon, and IPv6 may lack its brackets.
func wireGuardEndpoint(_ text: String) -> Endpoint? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let isBare = !text.hasPrefix("[") && text[..<colon].contains(":")
    let endpoint = Endpoint(isBare ? "[\(text[..<colon])]\(text[colon...])" : text)
    return endpoint?.port == nil ? nil : endpoint
}
