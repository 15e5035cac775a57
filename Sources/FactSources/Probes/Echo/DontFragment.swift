internal import CLinux
internal import Glibc
internal import NetAddress

/// Forbids fragments, and allows packets up to the interface's MTU, whatever the kernel has learned of the path:
/// `IP_PMTUDISC_PROBE` (ip(7)), `IPV6_PMTUDISC_PROBE` (ipv6(7)).
///
/// - Returns: 0, or the errno.
func forbidFragments(_ family: IPAddress.Family, over descriptor: Int32) -> Int32 {
    // linux/in.h: IP_MTU_DISCOVER 10. linux/in6.h: IPV6_MTU_DISCOVER 23, and IPV6_DONTFRAG 62, without which the
    // sender itself would cut.
    let probe: Int32 = 3
    let level = family == .v4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
    let options: KeyValuePairs<Int32, Int32> = family == .v4 ? [10: probe] : [23: probe, 62: 1]
    for (name, value) in options {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, level, name, &value, size) == 0 else { return errno }
    }
    return 0
}
