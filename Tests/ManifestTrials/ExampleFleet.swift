public import Foundation
public import Manifest

/// The manifests of this repository, as the watcher hands them in.
public enum ExampleFleet {
    /// The root of the repository.
    public static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All files of a directory below the repository, sorted by name.
    public static func files(_ directory: String) throws -> [ManifestFile] {
        let folder = repository.appending(path: directory)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
            .map { name in
                let data = try Data(contentsOf: folder.appending(path: name))
                return ManifestFile(path: name, contents: .bytes([UInt8](data)))
            }
    }
}
