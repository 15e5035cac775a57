internal import Manifest

/// What a container can be refused for by what it asks of Podman: reserved labels, secrets and mount paths.
struct ContainerChecks {
    struct Problem {
        let path: FieldPath
        let reason: String
        let remedy: String
    }

    private(set) var problems: [Problem] = []

    /// - Parameters:
    ///   - path: the container's.
    ///   - position: where a field stands.
    init(_ container: Container, at path: FieldPath, position: (FieldPath) -> Position) {
        for key in container.labels.keys.sorted() {
            if let (reason, remedy) = ReservedNames.problem(ofLabel: key) {
                add(path + "labels" + key, reason, remedy)
            }
        }
        for (index, variable) in container.env.enumerated() {
            guard let name = variable.valueFrom?.podmanSecret else { continue }
            if let prefix = ReservedNames.secretPrefixes.first(where: name.hasPrefix) {
                add(
                    path + "env" + index + "valueFrom" + "podmanSecret",
                    "secrets that begin with \(prefix) are the daemon's own, each for one container",
                    "name a secret that you made")
            }
        }
        var first: [MountPath: FieldPath] = [:]
        for (index, volume) in container.volumes.enumerated() {
            let place = path + "volumes" + index
            let mountPath = MountPath(volume.mountPath)
            if let (reason, remedy) = mountPath.problem { add(place + "mountPath", reason, remedy) }
            if let other = first[mountPath] {
                add(
                    place + "mountPath", "leads to the same directory as the mountPath at \(position(other))",
                    "remove one of them")
            } else {
                first[mountPath] = place + "mountPath"
            }
        }
    }

    private mutating func add(_ path: FieldPath, _ reason: String, _ remedy: String) {
        problems.append(Problem(path: path, reason: reason, remedy: remedy))
    }
}
