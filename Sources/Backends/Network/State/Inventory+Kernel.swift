public import Convergence
public import HostState

extension Inventory {
    /// Adds what is about to be created, and the settings that are about to be replaced.
    public mutating func willApply(_ changes: [KernelChange]) {
        for change in changes {
            switch change {
            case .createLink(let link): add(link)
            case .setSysctl(let sysctl, .some(let found)) where sysctlsBefore[sysctl.key] == nil:
                sysctlsBefore[sysctl.key] = found
            default: break
            }
        }
    }

    /// Removes what was deleted.
    public mutating func didApply(_ outcomes: [Outcome<KernelChange>]) {
        for outcome in outcomes where outcome.error == nil {
            switch outcome.change {
            case .deleteLink(let link): links.remove(link.name)
            // A link that was created again after its predecessor was deleted.
            case .createLink(let link): add(link)
            case .restoreSysctl(let key, _): sysctlsBefore[key] = nil
            default: break
            }
        }
    }

    private mutating func add(_ link: DesiredLink) {
        links.insert(link.name)
        if case .veth(let peer) = link.kind { links.insert(peer) }
    }
}
