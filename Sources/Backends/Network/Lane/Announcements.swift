internal import Convergence
internal import HostState
internal import NetAddress
internal import NetworkState

/// Which addresses of containers that started to run have been announced on their bridge. Pure.
///
/// An address whose bridge is missing, or currently not ours, is announced later.
struct Announcements: Sendable {
    private struct Announced: Sendable {
        var arrival: Int
        var addresses: Set<Place> = []
    }

    private struct Place: Hashable, Sendable {
        var bridge: String
        var address: IPAddress
        var macAddress: MACAddress
    }

    private var announced: [String: Announced] = [:]

    /// The containers that arrived, each with the addresses that have not been announced.
    func pending(_ desired: DesiredPodman, _ podman: PodmanObservation) -> [DesiredContainer] {
        guard !podman.arrivals.isEmpty else { return [] }
        return desired.containers.compactMap { container in
            guard let arrival = podman.arrivals[container.name] else { return nil }
            var container = container
            // A container that gets another address keeps the old one until it is replaced.
            if case .observed(let observed) = podman.view {
                let present = observed.containers[container.name]?.addresses ?? []
                for index in container.networks.indices {
                    container.networks[index].addresses.removeAll { !present.contains($0) }
                }
            }
            if let announced = announced[container.name], announced.arrival == arrival {
                for index in container.networks.indices {
                    let network = container.networks[index]
                    container.networks[index].addresses.removeAll { address in
                        announced.addresses.contains(
                            Place(bridge: network.bridge, address: address, macAddress: network.macAddress))
                    }
                }
            }
            return container.networks.allSatisfy(\.addresses.isEmpty) ? nil : container
        }
    }

    /// Records the announcements of a round.
    ///
    /// - Parameter podman: as the round compared with.
    mutating func note(_ outcomes: [Outcome<KernelChange>], _ podman: PodmanObservation, _ desired: DesiredPodman) {
        announced = announced.filter { podman.arrivals[$0.key] == $0.value.arrival }
        for outcome in outcomes where outcome.error == nil {
            guard case .announce(let bridge, let address, let macAddress?) = outcome.change else { continue }
            let place = Place(bridge: bridge, address: address, macAddress: macAddress)
            for container in desired.containers {
                let isItsOwn = container.networks.contains {
                    $0.bridge == bridge && $0.macAddress == macAddress && $0.addresses.contains(address)
                }
                guard isItsOwn, let arrival = podman.arrivals[container.name] else { continue }
                announced[container.name, default: Announced(arrival: arrival)].addresses.insert(place)
            }
        }
    }
}
