internal import CLinux
internal import Descriptors
internal import HostState
internal import NetAddress
internal import Netlink
internal import NetworkState
internal import Synchronization

/// Turns rtnetlink's notifications into hints for any number of listeners.
final class DriftMonitor: Sendable {
    /// At most one hint waits for a reader; an older one is merged into it.
    private let hints = Broadcast<DriftHint> { older, newer in older.followed(by: newer) }
    private let source: Mutex<ReadSource?>
    /// Who changed our objects.
    let rivals: Rivals
    /// The destinations where foreign routes concern us.
    let watched: WatchedDestinations

    /// - Parameters:
    ///   - portID: notifications that this socket's requests cause are not drift.
    ///   - links: read after the subscription has begun, for names.
    init(
        ignoringPortID portID: UInt32, receiveBuffer: Int32 = 1 << 20, links: () throws -> LinkTable
    ) throws {
        // Not RTNLGRP_NEIGH: it reports every neighbour that appears or disappears, and no proxy entry. The resync
        // finds those.
        let groups: [rtnetlink_groups] = [
            RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
            RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
        ]
        let socket = try MulticastSocket(
            .route, groups: groups.map(\.rawValue), ignoringPortID: portID, receiveBuffer: receiveBuffer)
        source = Mutex(nil)
        let names = LinkNames(try links())
        let rivals = try Rivals()
        self.rivals = rivals
        let watched = WatchedDestinations()
        self.watched = watched
        let source = ReadSource(
            fileDescriptor: socket.fileDescriptor, label: "rtnetlink notifications",
            onReadable: { [hints] in
                let (hint, sightings) = DriftMonitor.read(socket, names: names, watched: watched)
                if let hint { hints.send(hint) }
                // After the hint, because finding the process takes longer than the repair.
                for sighting in sightings {
                    rivals.note(sighting.object, port: sighting.port, routeProtocol: sighting.routeProtocol)
                }
            },
            // Dispatch releases both closures after this one, and with them the socket, which closes.
            onCancel: { withExtendedLifetime(socket) {} })
        self.source.withLock { $0 = source }
    }

    deinit { hints.finish() }

    func stream() -> AsyncStream<DriftHint> { hints.stream() }

    /// One of our objects that somebody changed.
    private struct Sighting {
        var object: KernelObject
        var port: UInt32
        var routeProtocol: UInt8?
    }

    /// nil when all waiting notifications are our own or do not concern us.
    private static func read(
        _ socket: MulticastSocket, names: LinkNames, watched: WatchedDestinations
    ) -> (hint: DriftHint?, sightings: [Sighting]) {
        var hint = DriftHint()
        var sightings: [Sighting] = []
        let reading = socket.drain { message in
            guard let notice = try? names.notice(message) else { return }
            hint.add(notice, isOfConcern: notice.foreignDestination.map(watched.contains) ?? true)
            if let object = notice.object {
                sightings.append(
                    Sighting(object: object, port: message.portID, routeProtocol: notice.routeProtocol))
            }
        }
        if reading == .overflowed { hint.isOverflow = true }
        return (hint.isEmpty ? nil : hint, sightings)
    }
}

/// The destinations of our routes: a foreign route to one of them concerns us.
final class WatchedDestinations: Sendable {
    /// nil while they are not known.
    private let destinations = Mutex<Set<CIDR>?>(nil)

    func set(_ wanted: Set<CIDR>) { destinations.withLock { $0 = wanted } }

    func contains(_ destination: CIDR) -> Bool { destinations.withLock { $0?.contains(destination) ?? true } }
}
