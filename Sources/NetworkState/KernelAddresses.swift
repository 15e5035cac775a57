import HostState
import NetAddress

extension KernelDifference {
    /// On links of ours the addresses are exactly the plan, IPv6 link-local ones left alone.
    ///
    /// While Podman has yet to make a network, no address of its subnets may stand on the host: the missing ones are
    /// held, those that stand are taken off, and everything comes back when the network is there.
    mutating func compareAddresses() {
        var standing: [AddressKey: ObservedAddress] = [:]
        for address in observed.addresses { standing[AddressKey(address)] = address }
        let reasons = reasonsToWait()
        var wanted: Set<AddressKey> = []
        for address in desired.addresses {
            guard !blocked.contains(address.interface) else {
                // No route can have it for its source, unless it stands on a link that is to be renamed.
                if !observed.addresses.contains(where: { $0.address == address.address }) {
                    heldAddresses.insert(address.address)
                }
                continue
            }
            let key = AddressKey(address)
            let before = standing[key]
            if let network = address.after, let wait = reasons[network] {
                if before != nil && !wait.takesOff {
                    wanted.insert(key)
                    continue
                }
                heldAddresses.insert(address.address)
                postpone(.addAddress(address), wait.reason)
                continue
            }
            wanted.insert(key)
            if let before, before.isDuplicate {
                // A failed duplicate address detection is final: only a new address is tried again.
                emit(.deleteAddress(before))
                emit(.addAddress(address))
            } else if before == nil {
                emit(.addAddress(address))
            }
        }
        for address in observed.addresses.sorted(by: ObservedAddress.order) {
            guard desiredLinks[address.interface] != nil, !blocked.contains(address.interface),
                !wanted.contains(AddressKey(address)), !(address.address.family == .v6 && address.address.isLinkLocal)
            else { continue }
            departures.addresses.append(.deleteAddress(address))
        }
        keepSources(wanted)
    }

    /// A source address that still stands on another of our links can be used.
    private mutating func keepSources(_ wanted: Set<AddressKey>) {
        for key in wanted { heldAddresses.remove(key.address) }
    }

    private struct Wait {
        let reason: String
        /// Whether what stands makes way. Not before Podman's first answer, when nothing is known to be wrong, and not
        /// for a network that Podman cannot make anyway.
        let takesOff: Bool
    }

    /// The networks that addresses must wait for, by name.
    private func reasonsToWait() -> [String: Wait] {
        var reasons: [String: Wait] = [:]
        for network in context.desiredPodman.networks {
            switch context.podman {
            case .unknown: reasons[network.name] = Wait(reason: "waiting for Podman's first answer", takesOff: false)
            case .unavailable: break
            case .observed(let podman):
                guard podman.networks[network.name] == nil else { continue }
                let isBarred = podman.networks.values.contains { other in
                    other.isRival(of: network) && podman.isStuck(other, inventory: inventory, frozen: context.frozen)
                }
                reasons[network.name] = Wait(
                    reason: "waiting for the Podman network \(network.name)", takesOff: !isBarred)
            }
        }
        return reasons
    }
}

/// What makes two addresses the same to the kernel.
struct AddressKey: Hashable {
    let interface: String
    let address: IPAddress
    let prefixLength: Int
    let peer: IPAddress?

    init(_ address: DesiredAddress) {
        interface = address.interface
        self.address = address.address
        prefixLength = address.prefixLength
        peer = nil
    }

    init(_ address: ObservedAddress) {
        interface = address.interface
        self.address = address.address
        prefixLength = address.prefixLength
        peer = address.peer
    }
}
