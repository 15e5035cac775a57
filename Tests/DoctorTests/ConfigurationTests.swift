import Testing

@testable import Doctor

/// Which files of networkd and NetworkManager have a say over which interface.
struct ConfigurationTests {
    private static let wireguard = NetworkdMatch.Interface(
        name: "wg0", kinds: ["wireguard", "tun"], types: ["wireguard", "none"])
    private static let bridge = NetworkdMatch.Interface(
        name: "br-wg0", kinds: ["bridge"], types: ["bridge"], driver: "bridge")
    private static let anchor = NetworkdMatch.Interface(
        name: "va-wg0", kinds: ["veth"], types: ["ether"], driver: "veth")

    /// As `networkctl` of systemd 252 shows it.
    @Test(arguments: [
        ("Name=*", ["wg0", "br-wg0", "va-wg0"]), ("Name=eth* en*", []), ("Name=!eth*", ["wg0", "br-wg0", "va-wg0"]),
        ("Name=!wg0 br-*", ["va-wg0"]), ("Type=ether", ["va-wg0"]), ("Type=ether\nKind=!*", []),
        ("Kind=bridge", ["br-wg0"]), ("Type=wireguard", ["wg0"]), ("Name=wg[0-3]", ["wg0"]), ("Name=wg?", ["wg0"]),
        ("Driver=veth", ["va-wg0"]), ("MACAddress=02:00:00:00:00:01", []), ("Path=pci-*", []),
        ("Host=host-a\nName=wg0", ["wg0"]), ("Name=eth0\nName=wg0", ["wg0"]),
        ("Name=eth0\nName=", ["wg0", "br-wg0", "va-wg0"]),
        ("# nothing", []), ("Name = \\\nwg0", ["wg0"]),
    ])
    func networkdTakesWhatItsMatchFits(_ match: String, _ names: [String]) {
        let file = TextFile(
            path: "/etc/systemd/network/20-a.network", text: "[Match]\n\(match)\n\n[Network]\nDHCP=yes\n")
        let taken = [Self.wireguard, Self.bridge, Self.anchor].filter {
            NetworkdMatch(files: [file]).taker(of: $0) != nil
        }
        #expect(taken.map(\.name) == names, "\(match)")
    }

    @Test func theFirstFileThatFitsDecides() {
        let ours = TextFile(path: "/etc/05.network", text: "[Match]\nName=wg0\n[Link]\nUnmanaged=yes\n")
        let all = TextFile(path: "/etc/20.network", text: "[Match]\nName=*\n")
        #expect(NetworkdMatch(files: [ours, all]).taker(of: Self.wireguard) == nil)
        #expect(NetworkdMatch(files: [ours, all]).taker(of: Self.bridge) == all)
        #expect(NetworkdMatch(files: [all, ours]).taker(of: Self.wireguard) == all)
    }

    @Test(arguments: [
        ("[keyfile]\nunmanaged-devices=interface-name:wg*", true),
        ("[keyfile]\nunmanaged-devices=interface-name:eth0", false),
        ("[keyfile]\nunmanaged-devices=wg0", true), ("[keyfile]\nunmanaged-devices=*", true),
        ("[keyfile]\nunmanaged-devices=interface-name:=wg*", false),
        ("[keyfile]\nunmanaged-devices=type:wireguard", true),
        ("[keyfile]\nunmanaged-devices=*,except:interface-name:wg0", false),
        ("[keyfile]\nunmanaged-devices=except:type:ethernet", true),
        ("[keyfile]\nunmanaged-devices=wg0\n[keyfile]\nunmanaged-devices=eth0", false),
        ("[keyfile]\nunmanaged-devices=wg0\nunmanaged-devices+=eth0", true),
        ("[keyfile]\nunmanaged-devices=wg0;eth0\nunmanaged-devices-=wg0", false),
        ("[device-x]\nmatch-device=interface-name:wg0\nmanaged=0", true),
        ("[device]\nmatch-device=type:ethernet\nmanaged=0", false), ("[main]\nplugins=keyfile", false),
    ])
    func networkManagerLeavesAloneWhatItIsTold(_ text: String, _ isLeft: Bool) {
        let devices = NetworkManagerDevices(configuration: ConfigurationFile(TextFile(path: "/etc/a.conf", text: text)))
        #expect(devices.leavesAlone("wg0", type: "wireguard") == isLeft)
    }

    @Test(arguments: [
        ("net.ipv4.ip_forward=0", "net/ipv4/ip_forward"), ("net/ipv4/ip_forward = 0", "net/ipv4/ip_forward"),
        ("-net.ipv4.conf.eth0/1.rp_filter = 0", "net/ipv4/conf/eth0.1/rp_filter"),
    ])
    func sysctlKeysOfBothForms(_ line: String, _ key: String) {
        let found = SysctlFile.assignments(TextFile(path: "a.conf", text: "# x = 1\n; y = 2\n\(line)\nnonsense\n"))
        #expect(found == [.init(key: key, value: "0", path: "a.conf")])
    }

    @Test(arguments: [("6.1.0-18-amd64", 6, 1), ("podman version 4.3.1", 4, 3), ("5.10", 5, 10)])
    func versions(_ text: String, _ major: Int, _ minor: Int) {
        #expect(Version(text) == Version(major: major, minor: minor))
        #expect(Version("5.10").map { $0 > Version(major: 5, minor: 6) } == true)
        #expect(Version("none") == nil)
    }
}
