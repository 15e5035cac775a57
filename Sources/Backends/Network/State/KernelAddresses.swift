import HostState
import NetAddress

extension KernelDifference {
    /// On links of ours the addresses are exactly the plan; IPv6 link-local ones are ignored.
    ///
    /// While Podman has yet to create a network, the host must have no address in its subnets: missing ones are
    /// postponed, existing ones are deleted, and all are added when the network exists.
    mutating func compareAddresses() {
        var standing: [AddressKey: ObservedAddress] = [:]
        for address in observed.addresses { standing[AddressKey(address)] = address }
        let reasons = reasonsToWait()
        var wanted: Set<AddressKey> = []
        for address in desired.addresses {
            guard !blocked.contains(address.interface) else {
                // No route can use it as its source, unless it exists on a link that is to be renamed.
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
                // A failed duplicate address detection is final: only a new address is checked again.
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

    /// A source address that still exists on another of our links can be used.
    private mutating func keepSources(_ wanted: Set<AddressKey>) {
        for key in wanted { heldAddresses.remove(key.address) }
    }

    private struct Wait {
        let reason: String
        /// Whether existing addresses are deleted. Not before Podman's first answer, when nothing is known to be wrong,
        /// and not for a network that Podman cannot create anyway.
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

/// The key by which the kernel distinguishes addresses.
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
