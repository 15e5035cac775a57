/// How a text of a schema's `title` is read and spoken of, beyond what its pattern says.
public struct TextRule: Sendable {
    public struct Problem: Hashable, Sendable {
        /// Follows the quoted value: `is not a CIDR`.
        public var reason: String
        public var remedy: String

        public init(_ reason: String, remedy: String) {
            self.reason = reason
            self.remedy = remedy
        }
    }

    /// nil for a text that is right.
    public var problem: @Sendable (String) -> Problem?

    public init(problem: @escaping @Sendable (String) -> Problem?) { self.problem = problem }

    /// Whether an error may show a text of this title: an author may have pasted a secret where its public key or its
    /// file is wanted.
    static func isShowable(_ text: String, title: String?) -> Bool {
        switch title {
        case "PublicKey": false
        case "Path": text.hasPrefix("/") && !text.split { !isBase64($0) }.contains { $0.utf8.count == 44 }
        default: true
        }
    }

    private static func isBase64(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "+/=".contains(character))
    }

    /// What to say when a text of this title does not match its pattern, or is not in its list of values.
    static let problems: [String: Problem] = [
        "Name": Problem(
            "is not a DNS label", remedy: "use at most 63 lower-case letters, digits and -, not at the ends"),
        "InterfaceName": Problem(
            "is not an interface name", remedy: "use 1 to 15 letters, digits, -, _ and ., without / : and spaces"),
        "Path": Problem("is not an absolute path", remedy: "begin it with /, without : and control characters"),
        "PodmanName": Problem(
            "is not a name for Podman", remedy: "use letters, digits, -, _ and ., beginning with a letter or digit"),
        "Text": Problem("has a NUL byte", remedy: "remove it"),
        "EnvironmentName": Problem(
            "is not a variable name", remedy: "use letters, digits, _, - and ., beginning with a letter or _"),
        "EnvironmentValue": Problem("has a NUL byte or a newline", remedy: "remove it, or mount a file"),
        "Image": Problem("is not an image reference", remedy: "write REGISTRY/NAME:TAG or REGISTRY/NAME@DIGEST"),
        "ImagePrefix": Problem(
            "is not the beginning of an image reference",
            remedy: "write REGISTRY or REGISTRY/PATH such as docker.io/library, without a tag"),
        "IPAddress": Problem("is not an IP address", remedy: "write it such as 10.0.0.1 or fd00::1"),
        "CIDR": Problem("is not a CIDR", remedy: "write ADDRESS/PREFIXLENGTH, such as 10.0.0.0/24"),
        "AddressWithPrefix": Problem(
            "is no address with its prefix length", remedy: "write it such as 192.168.1.100/24"),
        "Endpoint": Problem(
            "is not an endpoint",
            remedy: "write HOST, HOST:PORT, [IPv6] or [IPv6]:PORT, with a port from 1 to 65535"),
        "PublicKey": Problem("is not a WireGuard public key", remedy: "write 44 characters of base64"),
        "CPUQuantity": Problem(
            "is not a quantity of CPU from 10m up", remedy: "write cores such as 500m or \"1.5\", without leading zeros"
        ),
        "MemoryQuantity": Problem(
            "is not a quantity of memory", remedy: "write bytes such as 64Mi or 1G, without leading zeros"),
        "Duration": Problem("is not a duration that fits here", remedy: "write it such as 30s or 1m30s"),
        "Capability": Problem(
            "is not a capability", remedy: "write it in capitals without CAP_, such as NET_ADMIN, or ALL"),
        "OVNName": Problem("is not a name for OVN", remedy: "use letters, digits, -, _ and ."),
        "OVSDBAddress": Problem("is not an OVSDB remote", remedy: "write tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH"),
        "SealedKey": Problem("is not a sealed key", remedy: "paste all 108 characters of it"),
    ]
}
