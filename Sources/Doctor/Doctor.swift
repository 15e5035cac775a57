/// Judges what was found on a host: what keeps wgctl from working there, or will.
///
/// Pure: the same facts give the same diagnoses, in the same order.
public enum Doctor {
    public static func diagnose(_ host: HostInspection, expecting expected: ExpectedHost) -> [Diagnosis] {
        kernel(host, expected) + podman(host, expected) + interfaces(host, expected) + networkd(host, expected)
            + networkManager(host, expected) + firewall(host, expected) + sysctls(host, expected)
            + clock(host) + daemon(host, expected)
    }
}
