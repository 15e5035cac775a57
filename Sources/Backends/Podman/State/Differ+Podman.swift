public import Convergence
public import HostState

extension Differ {
    /// The changes that Podman needs.
    ///
    /// - Parameter inventory: must have adopted the ids of our objects in `observed` (`Inventory.adopt`).
    public static func podmanChanges(
        from observed: ObservedPodman, to desired: DesiredPodman, inventory: Inventory, context: PodmanContext
    ) -> ChangeSet<PodmanChange> {
        var difference = PodmanDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}
