/// Parses the keys of kernel settings.
public enum SysctlKey {
    /// The interface of `net/FAMILY/conf/IF/NAME` and `net/FAMILY/neigh/IF/NAME`; nil for `all`, `default` and any
    /// other key.
    public static func interface(of key: String) -> String? {
        let parts = key.split(separator: "/")
        guard parts.count == 5, parts[0] == "net", parts[2] == "conf" || parts[2] == "neigh" else { return nil }
        return parts[3] == "all" || parts[3] == "default" ? nil : String(parts[3])
    }
}
