internal import NetAddress

/// The probes whose outcome is not known yet, and the latest whose time is over. Pure.
///
/// Numbers count up, and a probe's place is its number modulo `capacity`: nothing is allocated for a probe.
struct ProbeFlights {
    /// How long a reply may take.
    static let timeout = Duration.seconds(2)
    /// Those of five seconds, so that a reply that comes too late still names its peer.
    static let capacity = 5 * SendWindow.limit

    struct Flight {
        var number: UInt32
        var key: PeerKey
        var address: IPAddress
        var sentAt: ContinuousClock.Instant
        var isOver = false
    }

    private var flights: [Flight] = []
    private var nextNumber: UInt32 = 0
    /// The first that may not be over.
    private var oldest: UInt32 = 0

    /// - Returns: its number.
    mutating func add(_ key: PeerKey, _ address: IPAddress, at now: ContinuousClock.Instant) -> UInt32 {
        let flight = Flight(number: nextNumber, key: key, address: address, sentAt: now)
        let place = Int(nextNumber) % ProbeFlights.capacity
        if place < flights.count { flights[place] = flight } else { flights.append(flight) }
        // Numbers go back to 0 after years: at a multiple of the capacity, so that places stay in order.
        nextNumber = nextNumber == ProbeFlights.lastNumber ? 0 : nextNumber + 1
        return flight.number
    }

    private static let lastNumber = UInt32.max / UInt32(capacity) * UInt32(capacity) - 1

    /// The probe of a number, if it is among the latest; marks it as over.
    ///
    /// - Returns: as it was before.
    mutating func end(_ number: UInt32) -> Flight? {
        let place = Int(number) % ProbeFlights.capacity
        guard place < flights.count, flights[place].number == number else { return nil }
        defer { flights[place].isOver = true }
        return flights[place]
    }

    /// The next one that nobody answered in time; marks it as over.
    mutating func expire(at now: ContinuousClock.Instant) -> Flight? {
        while let flight = first {
            guard flight.isOver || flight.sentAt + ProbeFlights.timeout <= now else { return nil }
            flights[Int(oldest) % ProbeFlights.capacity].isOver = true
            oldest = oldest == ProbeFlights.lastNumber ? 0 : oldest + 1
            if !flight.isOver { return flight }
        }
        return nil
    }

    /// When the time of the oldest is over; nil when none is waited for.
    mutating func nextExpiry() -> ContinuousClock.Instant? {
        while let flight = first {
            if !flight.isOver { return flight.sentAt + ProbeFlights.timeout }
            oldest = oldest == ProbeFlights.lastNumber ? 0 : oldest + 1
        }
        return nil
    }

    private var first: Flight? { oldest == nextNumber ? nil : flights[Int(oldest) % ProbeFlights.capacity] }
}
