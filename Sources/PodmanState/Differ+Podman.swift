public import Convergence
public import HostState

extension Differ {
    /// What Podman has to do.
    ///
    /// - Parameter inventory: with the ids of what is ours in `observed` adopted (`Inventory.adopt`): nothing else is.
    public static func podmanChanges(
        from observed: ObservedPodman, to desired: DesiredPodman, inventory: Inventory, context: PodmanContext
    ) -> ChangeSet<PodmanChange> {
        var difference = PodmanDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}
