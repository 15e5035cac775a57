/// The .network file of systemd-networkd that applies to one of our interfaces: the first whose `[Match]` fits
/// (systemd.network(5)).
struct NetworkdMatch {
    /// An interface as networkd's `[Match]` sees it.
    struct Interface: Hashable {
        var name: String
        /// Its possible kinds: `wireguard` in the kernel, `tun` with wireguard-go.
        var kinds: [String]
        /// Its possible types: the device type of udev, or the kernel's hardware type.
        var types: [String]
        var driver: String?
    }

    let files: [TextFile]

    /// The file with which networkd manages an interface; nil when none fits, or the one that fits leaves it unmanaged.
    func taker(of interface: Interface) -> TextFile? {
        guard let file = files.first(where: { Self.matches(ConfigurationFile($0), interface) }) else { return nil }
        return ConfigurationFile(file).last("Link", "Unmanaged")?.isTrue == true ? nil : file
    }

    private static func matches(_ settings: ConfigurationFile, _ interface: Interface) -> Bool {
        let match = settings.entries.filter { $0.section == "Match" }
        // networkd ignores a file without any.
        guard !match.isEmpty else { return false }
        // An assignment adds to earlier ones, an empty one clears them.
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
        // Virtual interfaces have no bus path, no permanent address and no radio, and no file can know our addresses.
        case "MACAddress", "PermanentMACAddress", "Path", "WLANInterfaceType", "SSID", "BSSID", "Property": false
        // The other keys are about the host; a file on this host is assumed to match it.
        default: true
        }
    }

    /// Whether one of the values fits; a list that starts with `!` means all but these.
    private static func fits(_ patterns: [String], _ values: [String]) -> Bool {
        guard let first = patterns.first, first.hasPrefix("!") else {
            return values.contains { value in patterns.contains { Glob.matches($0, value) } }
        }
        let excluded = [String(first.dropFirst())] + patterns.dropFirst()
        return values.contains { value in value.isEmpty || !excluded.contains { Glob.matches($0, value) } }
    }
}
