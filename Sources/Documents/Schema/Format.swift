internal import JSON
internal import NetAddress

/// The values of `format` that our CRDs may use: of those that Kubernetes checks, the ones of use here. What passes here
/// passes there (k8s.io/kube-openapi, pkg/validation/strfmt).
public enum Format: String, Sendable, Hashable, CaseIterable {
    case int32, int64, float, double
    case byte, date, dateTime = "date-time", duration, hostname, ipv4, ipv6, cidr, mac, uuid
    /// Any text; errors do not show it.
    case password
    case shortName = "k8s-short-name"
    case longName = "k8s-long-name"

    /// The type whose values it speaks of.
    var type: JSONSchema.ValueType {
        switch self {
        case .int32, .int64: .integer
        case .float, .double: .number
        default: .string
        }
    }

    /// Kubernetes knows these as well; no field of ours wants them.
    static let unsupported: Set<String> = [
        "bsonobjectid", "creditcard", "datetime", "email", "hexcolor", "isbn", "isbn10", "isbn13", "rgbcolor", "ssn",
        "uri", "uuid3", "uuid4", "uuid5",
    ]

    func holds(for number: JSONValue) -> Bool {
        switch (self, number) {
        case (.int32, .integer(let number)): Int32(exactly: number) != nil
        case (.float, .number(let number)): abs(number) <= Double(Float.greatestFiniteMagnitude)
        default: true
        }
    }

    func holds(for text: String) -> Bool {
        switch self {
        case .int32, .int64, .float, .double, .password: true
        case .date: text.utf8.count == 10 && Format.isDate(text[...])
        case .dateTime: Format.isDate(text.prefix(10)) && Format.matches(text, Format.dateTimePattern)
        case .duration: Duration(goText: text) != nil
        case .ipv4: IPAddress(text)?.family == .v4
        case .ipv6: IPAddress(text)?.family == .v6
        case .cidr: CELPrefix(text) != nil
        case .byte: Format.matches(text, Format.bytePattern)
        case .mac: Format.matches(text, Format.macPattern)
        case .uuid: Format.matches(text, Format.uuidPattern)
        case .hostname: text.utf8.count <= 255 && Format.matches(text, Format.hostnamePattern)
        case .shortName: text.utf8.count <= 63 && Format.matches(text, Format.shortNamePattern)
        case .longName: text.utf8.count <= 253 && Format.matches(text, Format.longNamePattern)
        }
    }

    private static func matches(_ text: String, _ pattern: Pattern?) -> Bool { pattern?.matches(text) ?? false }

    private static let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    private static let shortNamePattern = try? Pattern("^\(label)$")
    private static let longNamePattern = try? Pattern("^\(label)(\\.\(label))*$")
    private static let bytePattern = try? Pattern(
        "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$")
    private static let macPattern = try? Pattern(
        "^[0-9A-Fa-f]{2}((:[0-9A-Fa-f]{2}){5}|(:[0-9A-Fa-f]{2}){7}|(-[0-9A-Fa-f]{2}){5}|(-[0-9A-Fa-f]{2}){7})$")
    private static let uuidPattern = try? Pattern(
        "^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$")
    private static let hostnamePattern = try? Pattern(
        "^([A-Za-z0-9](-?[A-Za-z0-9]{1,62})?|([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63})$")
    /// RFC 3339; the date is looked at by itself.
    private static let dateTimePattern = try? Pattern(
        "^.{10}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$")

    /// `2026-02-28`, a day of the calendar.
    private static func isDate(_ text: Substring) -> Bool {
        guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/), let year = Int(match.1),
            let month = Int(match.2), let day = Int(match.3), (1...12).contains(month)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        return (1...days).contains(day)
    }
}
