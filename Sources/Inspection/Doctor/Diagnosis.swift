/// What one check found on this host.
public struct Diagnosis: Hashable, Sendable, Codable {
    public enum Severity: String, Hashable, Sendable, Codable {
        case ok
        /// Works now, but may stop working.
        case warning
        /// Prevents wgctl from working, now or later.
        case problem
        /// Could not be checked.
        case unknown
    }

    /// What is checked, in the order of the output.
    public enum Area: String, Hashable, Sendable, Codable, CaseIterable {
        case kernel, podman, interfaces, networkd
        case networkManager = "NetworkManager"
        case firewall, sysctl, clock, daemon
    }

    public var area: Area
    /// The check within its area: `wireguard`, `forward`.
    public var check: String
    public var severity: Severity
    /// One line, with the value.
    public var found: String
    /// What it does to wgctl; empty when it is ok.
    public var why: String
    /// Commands and the content of files, a line each, to be pasted; empty when there is nothing to do.
    public var remedy: [String]

    public init(
        area: Area, check: String, severity: Severity, found: String, why: String = "", remedy: [String] = []
    ) {
        self.area = area
        self.check = check
        self.severity = severity
        self.found = found
        self.why = why
        self.remedy = remedy
    }
}

extension Diagnosis.Area {
    func ok(_ check: String, _ found: String) -> Diagnosis {
        Diagnosis(area: self, check: check, severity: .ok, found: found)
    }

    func warning(_ check: String, _ found: String, why: String, remedy: [String]) -> Diagnosis {
        Diagnosis(area: self, check: check, severity: .warning, found: found, why: why, remedy: remedy)
    }

    func problem(_ check: String, _ found: String, why: String, remedy: [String]) -> Diagnosis {
        Diagnosis(area: self, check: check, severity: .problem, found: found, why: why, remedy: remedy)
    }

    func unknown(_ check: String, _ reason: String, remedy: [String] = []) -> Diagnosis {
        Diagnosis(area: self, check: check, severity: .unknown, found: reason, remedy: remedy)
    }
}
