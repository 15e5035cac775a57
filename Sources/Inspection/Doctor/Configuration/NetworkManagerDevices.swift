/// Which interfaces NetworkManager is configured to leave alone (NetworkManager.conf(5), "Device List Format").
struct NetworkManagerDevices {
    let configuration: ConfigurationFile

    /// Whether an interface is left alone by the configuration.
    func leavesAlone(_ name: String, type: String) -> Bool {
        if matches(unmanaged, name, type) { return true }
        // [device…] sections apply to the devices in match-device=; the first one with managed= decides.
        let sections = configuration.entries.map(\.section).filter { $0.hasPrefix("device") }
        for section in sections {
            guard let managed = configuration.last(section, "managed") else { continue }
            let list = configuration.last(section, "match-device").map { Self.items($0.value) } ?? ["*"]
            if matches(list, name, type) { return managed.isFalse }
        }
        return false
    }

    /// `unmanaged-devices` of all files: `=` replaces, `+=` adds, `-=` removes.
    private var unmanaged: [String] {
        var items: [String] = []
        for entry in configuration.entries where entry.section == "keyfile" {
            let values = Self.items(entry.value)
            switch entry.key {
            case "unmanaged-devices": items = values
            case "unmanaged-devices+": items += values
            case "unmanaged-devices-": items.removeAll { values.contains($0) }
            default: break
            }
        }
        return items
    }

    private static func items(_ text: String) -> [String] {
        text.split { $0 == ";" || $0 == "," }.map(\.trimmed).filter { !$0.isEmpty }
    }

    /// An `except:` that fits has precedence; a list with only `except:` entries means everything else.
    private func matches(_ list: [String], _ name: String, _ type: String) -> Bool {
        let exceptions = list.filter { $0.hasPrefix("except:") }
        if exceptions.contains(where: { Self.fits($0.dropFirst("except:".count), name, type) }) { return false }
        let others = list.filter { !$0.hasPrefix("except:") }
        return others.isEmpty ? !list.isEmpty : others.contains { Self.fits($0[...], name, type) }
    }

    private static func fits(_ item: Substring, _ name: String, _ type: String) -> Bool {
        if item == "*" { return true }
        guard let colon = item.firstIndex(of: ":") else { return item == name }
        let value = item[item.index(after: colon)...]
        switch item[..<colon] {
        case "interface-name": return value.hasPrefix("=") ? value.dropFirst() == name : Glob.matches(value, name)
        case "type": return value == type
        case "driver": return type == "veth" && Glob.matches(value, "veth")
        default: return false
        }
    }
}
