public import HostState
import Manifest
import NetAddress

extension DesiredHost {
    /// The desired state as a file that a person can read: one line for each thing, in the order of the plan.
    public var text: String {
        guard let node else { return "# no Node names this host: nothing is wanted\n" }
        var lines = ["# what host \(node) must have"]
        func section(_ title: String, _ content: [String]) {
            // Paths, labels and commands are an author's: none may move the cursor, or look like two lines.
            if !content.isEmpty { lines += ["", "\(title):"] + content.map { "  " + escaped($0) } }
        }
        section("links", kernel.links.map(\.text))
        section("sysctls", kernel.sysctls.map { "\($0.key) = \($0.value)" })
        section("devices", kernel.devices.flatMap(\.lines))
        section("addresses", kernel.addresses.map(\.text))
        section("routes", kernel.routes.map(\.text))
        section("proxy neighbours", kernel.proxyNeighbours.map { "\($0.address) dev \($0.interface)" })
        section("firewall", firewall?.lines ?? [])
        section("networks", podman.networks.flatMap(\.lines))
        section("containers", podman.containers.flatMap(\.lines))
        section("kept as it is", frozen.lines)
        return lines.joined(separator: "\n") + "\n"
    }
}

extension FrozenObjects {
    var lines: [String] {
        overlays.map { "overlay \($0)" } + routes.map { "route \($0)" } + containers.map { "container \($0)" }
    }
}

extension DesiredFirewall {
    var lines: [String] { clampedInterfaces.map { "table inet \(DesiredFirewall.table): clamp TCP on \($0)" } }
}

extension DesiredLink {
    var text: String {
        let kindText =
            switch kind {
            case .bridge: "bridge"
            case .veth(let peer): "veth, other end \(peer)"
            case .wireguard(let backend): "wireguard, backend \(backend.rawValue)"
            }
        let parts = [
            kindText, mtu.map { "mtu \($0)" }, macAddress.map { "mac \($0)" }, master.map { "port of \($0)" },
            "alias \(alias)",
        ]
        return "\(name): " + parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension DesiredAddress {
    var text: String {
        "\(address)/\(prefixLength) dev \(interface)" + (after.map { ", after network \($0)" } ?? "")
    }
}

extension DesiredRoute {
    var text: String {
        "\(destination) dev \(interface)" + (preferredSource.map { " src \($0)" } ?? "")
            + (mtu.map { " mtu \($0)" } ?? "")
    }
}

extension DesiredDevice {
    var lines: [String] {
        let key = publicKey.map { "public key \($0)" } ?? "no key yet, so nothing is configured"
        let mark = fwmark == 0 ? "" : "fwmark \(fwmark), "
        let preshared = presharedKeyFile.map { ", preshared keys from \($0)" } ?? ""
        return ["\(interface): overlay \(overlay), listen port \(listenPort), \(mark)\(key)\(preshared)"]
            + peers.flatMap { peer in
                [
                    "  peer \(peer.node): \(peer.publicKey)",
                    "    endpoint \(peer.endpoint?.description ?? "none"), persistent keepalive "
                        + (peer.persistentKeepalive == 0 ? "off" : "\(peer.persistentKeepalive) s"),
                    "    allowed IPs \(peer.allowedIPs.map(\.description).joined(separator: ", "))",
                ]
            }
    }
}

extension DesiredNetwork {
    var lines: [String] {
        ["\(name): overlay \(overlay), bridge \(bridge), mtu \(mtu), dns \(isDNSEnabled ? "on" : "off")"]
            + subnets.map { subnet in
                let lease = subnet.leaseRange.map { "\($0.first) to \($0.last)" } ?? "none"
                return "  subnet \(subnet.subnet), gateway \(subnet.gateway), leases \(lease)"
            }
    }
}
