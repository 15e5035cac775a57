/// What Podman's sentences name.
enum LibpodRefusal {
    /// The missing host path of a mount: `statfs /a: no such file or directory` when the container is created, and
    /// crun's and runc's words when it is started.
    static func missingHostPath(_ message: String) -> String? {
        guard message.lowercased().contains("no such file or directory") else { return nil }
        for (before, after) in [
            ("statfs ", ": no such"), ("error stat'ing file `", "`"), ("cannot stat `", "`"),
            ("error mounting \"", "\" to rootfs"),
        ] {
            guard let start = message.firstRange(of: before) else { continue }
            let rest = message[start.upperBound...]
            guard let end = rest.firstRange(of: after) else { continue }
            let path = String(rest[..<end.lowerBound])
            if path.hasPrefix("/") { return path }
        }
        return nil
    }
}

extension PodmanError.Reason {
    /// Classifies a refusal. Podman 4.3 answers most with 500, so its message decides.
    init(status: Int, message: String, cause: String) {
        let lowered = message.lowercased()
        switch true {
        case lowered.contains("is already used on the host"):
            let subnet = message.split(separator: " ").drop { $0 != "subnet" }.dropFirst().first ?? ""
            self = .subnetInUse(
                subnet: String(subnet), by: "an interface of this host has an address in it, or another network uses it"
            )
        case lowered.contains("bridge name") && lowered.contains("already in use"): self = .bridgeInUse
        case cause == "that name is already in use", cause == "network already exists": self = .nameInUse
        case cause == "no such secret":
            let quoted = message.split(separator: "\"", omittingEmptySubsequences: false)
            self = .secretMissing(quoted.count > 1 ? String(quoted[1]) : "")
        case cause == "image not known", lowered.contains("no such image"): self = .imageMissing
        case lowered.contains("requested ip address"): self = .addressInUse(message)
        case LibpodRefusal.missingHostPath(message) != nil:
            self = .hostPathMissing(LibpodRefusal.missingHostPath(message) ?? "")
        case status == 404: self = .notFound
        default: self = .refused(status: status, message: message)
        }
    }
}
