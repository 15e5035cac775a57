import Foundation
import Manifest
import Resources
import TestSupport

/// The files of a directory below the repository, as the watcher hands them in.
func manifestFiles(_ directory: String) throws -> [ManifestFile] {
    let folder = Repository.root.appending(path: directory)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
        ManifestFile(path: name, contents: .bytes(Array(try Data(contentsOf: folder.appending(path: name)))))
    }
}

func file(_ path: String, _ text: String) -> ManifestFile {
    ManifestFile(path: path, contents: .bytes(Array(text.utf8)))
}

extension AcceptedSet {
    func acceptance(_ kind: Kind, _ name: String) -> Acceptance? {
        acceptances.first { $0.key == ResourceKey(kind, name) }
    }
}

/// An overlay and nodes in few words.
func overlay(_ name: String = "net", _ subnets: String = "10.0.0.0/24", _ more: String = "") -> String {
    """
    apiVersion: wgctl.dev/v1alpha1
    kind: Overlay
    metadata: {name: \(name)}
    spec:
      subnets: [\(subnets)]
    \(more)
    """
}

func node(_ name: String, _ overlays: String, _ more: String = "") -> String {
    """
    apiVersion: wgctl.dev/v1alpha1
    kind: Node
    metadata: {name: \(name)}
    spec:
      overlays: [\(overlays)]
    \(more)
    """
}
