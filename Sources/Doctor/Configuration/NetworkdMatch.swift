/// Which .network file of systemd-networkd takes an interface of ours: the first whose `[Match]` fits (systemd.network(5)).
struct NetworkdMatch {
    /// An interface as networkd's `[Match]` sees it.
    struct Interface: Hashable {
        var name: String
        /// What its kind can be, by backend: `wireguard`, `tun`.
        var kinds: [String]
        /// What its type can be: the device type of udev, or the kernel's hardware type.
        var types: [String]
        var driver: String?
    }

    let files: [TextFile]

    /// The file that takes an interface and manages it; nil when none does, or the one that fits leaves it unmanaged.
    func taker(of interface: Interface) -> TextFile? {
        guard let file = files.first(where: { Self.matches(Settings($0), interface) }) else { return nil }
        return Settings(file).last("Link", "Unmanaged")?.isTrue == true ? nil : file
    }

    private static func matches(_ settings: Settings, _ interface: Interface) -> Bool {
        let match = settings.entries.filter { $0.section == "Match" }
        // networkd ignores a file without any.
        guard !match.isEmpty else { return false }
        // An assignment adds to those before it, an empty one takes them back.
        var values: [String: [String]] = [:]
        for entry in match {
            values[entry.key] = entry.value.isEmpty ? [] : (values[entry.key] ?? []) + entry.value.words
        }
        return values.allSatisfy { key, patterns in patterns.isEmpty || fits(key, patterns, interface) }
    }

    private static func fits(_ key: String, _ patterns: [String], _ interface: Interface) -> Bool {
        switch key {
        case "Name": fits(patterns, [interface.name])
        case "Kind": fits(patterns, interface.kinds)
        case "Type": fits(patterns, interface.types)
        case "Driver": fits(patterns, interface.driver.map { [$0] } ?? [""])
        // Virtual interfaces have no bus path, no burnt-in address and no radio; our addresses are nobody's to list.
        case "MACAddress", "PermanentMACAddress", "Path", "WLANInterfaceType", "SSID", "BSSID", "Property": false
        // The rest asks of the host, and who wrote the file wrote it for this one.
        default: true
        }
    }

    /// Whether one of the values fits; a list that begins with `!` means all but these.
    private static func fits(_ patterns: [String], _ values: [String]) -> Bool {
        guard let first = patterns.first, first.hasPrefix("!") else {
            return values.contains { value in patterns.contains { Glob.matches($0, value) } }
        }
        let excluded = [String(first.dropFirst())] + patterns.dropFirst()
        return values.contains { value in value.isEmpty || !excluded.contains { Glob.matches($0, value) } }
    }
}
