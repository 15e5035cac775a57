/// Settings that wg-quick has and a manifest does not, in the words of every report.
enum Untranslated {
    case resolver
    case table
    case saving
    case command

    /// Why a value does not translate, and what to do instead; nil for one that asks for nothing.
    func explanation(of value: String) -> (reason: String, remedy: String)? {
        let value = value.lowercased()
        return switch self {
        case .resolver:
            value.isEmpty ? nil : ("a host's resolver is not wgctl's", "set it in the host's own configuration")
        case .table:
            ["", "auto"].contains(value)
                ? nil : ("routes go to the main table", "do without, or keep this host on wg-quick")
        case .saving:
            ["", "false", "no"].contains(value)
                ? nil : ("manifests are never written back", "edit the manifests instead")
        case .command:
            ["", "false", "no"].contains(value)
                ? nil : ("commands are not run", "make a systemd unit of them on the host, if they are still needed")
        }
    }
}
