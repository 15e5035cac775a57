internal import Manifest

/// `wg0.conf` files of one network as manifests.
public enum WgQuickImport {
    /// Translates the files of one network, a file a host.
    ///
    /// - Parameter overlay: the Overlay's name; nil takes the name of the interface.
    /// - Throws: `ImportFailure` when a file is none of wg-quick, or two are of the same host.
    public static func run(_ files: [WgQuickFile], overlay: String? = nil) throws(ImportFailure) -> Imported {
        var report = Report()
        var tunnels: [Tunnel] = []
        var hints = OverlayHints()
        var places: [String: String] = [:]
        for file in files {
            let reader = WgQuickReader(file)
            report.add(reader.report)
            guard reader.hasInterface else {
                throw ImportFailure("\(escaped(file.path)): has no [Interface] section: name files of wg-quick")
            }
            let name = label(reader.tunnel.name)
            if let other = places.updateValue(file.path, forKey: name) {
                throw ImportFailure(
                    "\(escaped(file.path)): \(escaped(other)) is of the same host, \(name): import one network at a "
                        + "time, or name the files after their hosts, such as host-a.conf or host-a/wg0.conf")
            }
            tunnels.append(reader.tunnel)
            hints.name = hints.name ?? reader.hints.name
            if hints.subnets.isEmpty { hints.subnets = reader.hints.subnets }
        }
        return try translate(tunnels, hints: hints, overlay: overlay, report)
    }
}

/// From what the sources say to manifests.
func translate(
    _ tunnels: [Tunnel], hints: OverlayHints, overlay: String?, _ report: Report
) throws(ImportFailure) -> Imported {
    if let overlay, !isLabel(overlay) {
        throw ImportFailure(
            "\(quoted(overlay)) cannot be the name of an Overlay: use lower-case letters, digits and -")
    }
    var fleet = Fleet(tunnels, hints: hints, report: report)
    fleet.resolve()
    guard !fleet.subnets.isEmpty else {
        // What could not be read may be why, and would be lost.
        let lines = report.lines.map(\.description)
        let sentence = "no host has an address in what was given, so there is no subnet for an Overlay"
        throw ImportFailure((lines + [sentence]).joined(separator: "\n"))
    }
    return try fleet.translation(name: overlay).imported(fleet.report)
}
