public import Convergence
public import HostState

extension Differ {
    /// The changes of rtnetlink, WireGuard and `/proc/sys`, adds before deletes.
    ///
    /// `observed.sysctls` must cover the keys of `desired.sysctls` and of `inventory.sysctlsBefore`.
    public static func kernelChanges(
        from observed: ObservedKernel, to desired: DesiredKernel, inventory: Inventory, context: KernelContext
    ) -> ChangeSet<KernelChange> {
        var difference = KernelDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}
