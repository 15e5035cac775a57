internal import Foundation

/// Who carries WireGuard: the same tests run with each that this machine has.
public enum WireGuardImplementation: String, CaseIterable, Sendable {
    case kernel
    case userspace

    /// wireguard-go always; the kernel where it has WireGuard, and wherever `WGCTL_EXPECT_KERNEL` is 1, so that
    /// nothing passes by not being run.
    public static let present: [WireGuardImplementation] =
        isKernelExpected || kernelHasIt ? allCases : [.userspace]

    /// The kernel's where it is present: for tests that take too long to be run with both in a virtual machine.
    /// wireguard-go's turn is on a machine without.
    public static let preferred: [WireGuardImplementation] = Array(present.prefix(1))

    private static var isKernelExpected: Bool {
        ProcessInfo.processInfo.environment["WGCTL_EXPECT_KERNEL"] == "1"
    }

    private static var kernelHasIt: Bool {
        guard let namespace = try? NetworkNamespace() else { return false }
        return (try? namespace.ip("link", "add", "probe0", "type", "wireguard")) != nil
    }
}
