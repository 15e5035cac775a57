internal import Convergence
internal import HostState
internal import NetAddress

/// A peer as the plan and the last observation of the kernel have it.
struct PeerSighting {
    var key: PeerKey
    var publicKey: PublicKey
    /// Where to probe it; nil while that is not possible.
    var path: Path?
    var receivedBytes: UInt64 = 0
    var transmittedBytes: UInt64 = 0
    /// Whether its session lasts, so that silence after what was sent means nothing yet.
    var isSessionFresh = false
    /// Whether it was programmed since the last look: its session is gone, whatever was known before.
    var isProgrammed = false

    struct Path: Equatable, Sendable {
        var address: IPAddress
        /// An address of this host that is on its interface.
        var source: IPAddress
    }

    /// The peers that the kernel has.
    ///
    /// - Parameters:
    ///   - unseen: peers that were programmed after the observation.
    ///   - isFresh: whether a session lasts, by its last handshake.
    static func all(
        in state: Facts, unseen: Set<PublicKey>, programmed: Set<PublicKey>, isFresh: (Int64) -> Bool
    ) -> [PeerSighting] {
        guard let kernel = state.kernel else { return [] }
        let present = Set(kernel.addresses.map(\.address))
        return state.desired.kernel.devices.flatMap { device -> [PeerSighting] in
            let observed = kernel.devices[device.interface]
            let isUp = kernel.links[device.interface]?.isUp ?? false
            let sources = state.desired.kernel.addresses.filter { $0.interface == device.interface }
                .map(\.address).filter { isUp && present.contains($0) }
            return device.peers.compactMap { peer in
                guard let address = peer.probeAddresses.first else { return nil }
                let live = observed?.peers[peer.publicKey]
                guard live != nil || unseen.contains(peer.publicKey) else { return nil }
                var sighting = PeerSighting(
                    key: PeerKey(overlay: device.overlay, node: peer.node), publicKey: peer.publicKey)
                sighting.path = sources.first { $0.family == address.family }.map { Path(address: address, source: $0) }
                sighting.isProgrammed = programmed.contains(peer.publicKey)
                guard let live else { return sighting }
                sighting.receivedBytes = live.receivedBytes
                sighting.transmittedBytes = live.transmittedBytes
                sighting.isSessionFresh = isFresh(live.latestHandshake)
                return sighting
            }
        }
    }
}
