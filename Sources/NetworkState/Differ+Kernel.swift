public import Convergence
public import HostState

extension Differ {
    /// What rtnetlink, WireGuard and `/proc/sys` have to do, adds before deletes.
    ///
    /// `observed.sysctls` must have been asked for the keys of `desired.sysctls` and of `inventory.sysctlsBefore`.
    public static func kernelChanges(
        from observed: ObservedKernel, to desired: DesiredKernel, inventory: Inventory, context: KernelContext
    ) -> ChangeSet<KernelChange> {
        var difference = KernelDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}
