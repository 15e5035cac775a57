internal import ArgumentParser

/// What fingers that know kubectl type. Every kind is cluster-scoped, so that it has no effect.
struct NamespaceOptions: ParsableArguments {
    @Flag(
        name: [.customShort("A"), .customLong("all-namespaces")],
        help: ArgumentHelp("Accepted, without effect: there are no namespaces.", visibility: .hidden))
    var allNamespaces = false
}
