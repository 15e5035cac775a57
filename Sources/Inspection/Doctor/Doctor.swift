/// Judges the facts of a host: what prevents wgctl from working there, now or later.
///
/// Pure: the same facts give the same diagnoses, in the same order.
public enum Doctor {
    public static func diagnose(_ host: HostInspection, expecting expected: ExpectedHost) -> [Diagnosis] {
        kernel(host, expected) + podman(host, expected) + interfaces(host, expected) + networkd(host, expected)
            + networkManager(host, expected) + firewall(host, expected) + sysctls(host, expected)
            + clock(host) + daemon(host, expected)
    }
}
