internal import Descriptors
internal import Glibc

/// Starts and stops wireguard-go, which outlives this daemon and is found again by its socket.
struct WireGuardGo: Sendable {
    let transport: UserspaceTransport
    /// How long to wait until the socket answers, or until the link is gone.
    let timeout: Duration

    private static let programs = ["/usr/bin/wireguard-go", "/usr/local/bin/wireguard-go"]

    /// Blocks until the device answers on its socket; returns at once when it already does.
    func start(_ interface: String) throws(WireGuardError) {
        try checkInterfaceName(interface)
        if isRunning(interface) { return }
        guard let program = Program.first(of: WireGuardGo.programs) else {
            throw .unsupported(
                interface: interface,
                remedy: "Install a kernel with WireGuard, or the userspace program: apt-get install wireguard-go")
        }
        try clear(interface)
        let command = WireGuardGo.command(program: program, interface: interface, underSystemd: Systemd.runsThisHost)
        switch command.run(timeout: timeout) {
        case .failure(let error):
            throw .startFailed(
                interface: interface, reason: "\(command.path): \(SystemError.text(of: error.code))")
        case .success(nil):
            throw .timedOut(interface: interface, operation: "start of wireguard-go", seconds: timeout / .seconds(1))
        case .success(let outcome?):
            guard outcome.isSuccess else {
                throw .startFailed(interface: interface, reason: WireGuardGo.reason(outcome.text))
            }
        }
        guard waitUntil({ isRunning(interface) }) else {
            throw .timedOut(interface: interface, operation: "start of wireguard-go", seconds: timeout / .seconds(1))
        }
    }

    /// Blocks until the link is gone; returns at once when there is none.
    ///
    /// wireguard-go watches its socket file. When the file is removed, it ends, and the link is deleted.
    func stop(_ interface: String) throws(WireGuardError) {
        try checkInterfaceName(interface)
        let wasRunning = try transport.answers(interface)
        guard unlink(transport.socketPath(interface)) == 0 || errno == ENOENT else {
            throw .refused(
                interface: interface, operation: "removal of the socket", code: errno,
                detail: transport.socketPath(interface))
        }
        guard wasRunning else { return }
        guard waitUntil({ if_nametoindex(interface) == 0 }) else {
            throw .timedOut(interface: interface, operation: "stop of wireguard-go", seconds: timeout / .seconds(1))
        }
    }

    private func isRunning(_ interface: String) -> Bool {
        if_nametoindex(interface) != 0 && (try? transport.device(interface)) != nil
    }

    /// Removes the socket of a dead wireguard-go, and checks that nothing else has the name.
    private func clear(_ interface: String) throws(WireGuardError) {
        // One that is ending still listens for a moment; one that hangs must not be started twice.
        let isFree = try waitUntil { () throws(WireGuardError) in try !transport.answers(interface) }
        guard isFree else { throw .interfaceTaken(interface: interface) }
        unlink(transport.socketPath(interface))
        // The kernel deletes the tun link of a killed process a moment later.
        guard waitUntil({ if_nametoindex(interface) == 0 }) else { throw .interfaceTaken(interface: interface) }
    }

    private func waitUntil<E: Error>(_ condition: () throws(E) -> Bool) throws(E) -> Bool {
        let deadline = ContinuousClock.now + timeout
        while try !condition() {
            guard ContinuousClock.now < deadline else { return false }
            usleep(5_000)
        }
        return true
    }

    /// How wireguard-go is started: confined (`WireGuardGoSandbox`). A running one keeps what an older wgd started it
    /// with.
    ///
    /// Under systemd it gets a unit, to be outside of the daemon's control group, which systemd empties when the daemon
    /// stops. With `LOG_LEVEL` wireguard-go passes its standard output to the process that stays: right with the
    /// journal, wrong with our pipe. `WG_PROCESS_FOREGROUND` must not be set, not even to an empty value.
    static func command(program: String, interface: String, underSystemd: Bool) -> Program {
        guard underSystemd else { return WireGuardGoSandbox.confined(Program(path: program, arguments: [interface])) }
        let sandbox = WireGuardGoSandbox.properties.flatMap { ["-p", $0] }
        return Systemd.unit(
            ["--unit=wgctl-wireguard-go-\(unitName(interface))", "-p", "Type=forking", "--setenv=LOG_LEVEL=error"]
                + sandbox, [program, interface])
    }

    /// As `systemd-escape`: characters that a unit name cannot contain become `\xNN`.
    private static func unitName(_ interface: String) -> String {
        interface.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isLetter || character.isNumber || character == "_" || character == "."
            return isPlain ? String(character) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The last line that is not empty, without the timestamp and the box that wireguard-go draws.
    private static func reason(_ text: String) -> String {
        let lines = text.split(separator: "\n").filter { $0.contains { $0.isLetter } && !$0.contains("│") }
        return lines.last.map(String.init) ?? "it ended with an error and said nothing"
    }
}
