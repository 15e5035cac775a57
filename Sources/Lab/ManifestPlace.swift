internal import Foundation
internal import Glibc

/// Where the manifest directory of a lab is. The path stays as it was given: where it is a symbolic link that a puller
/// switches from one checkout to the next, the daemons follow the switch, as they do on real hosts.
enum ManifestPlace {
    /// The absolute path, by which hosts see the directory too.
    ///
    /// - Throws: `LabError.badManifestDirectory`.
    static func absolute(_ path: String) throws(LabError) -> String {
        let absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        // With a slash at its end, a link would be its target.
        let place = absolute.count > 1 && absolute.hasSuffix("/") ? withoutSlashes(absolute) : absolute
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw .badManifestDirectory(
                path: path, reason: "is not a directory: give the one that holds the YAML files")
        }
        for step in steps(from: place) where LabFolder.isHidden(step) {
            throw .badManifestDirectory(
                path: path, reason: "leads to \(step), of which each host has its own: move it")
        }
        return place
    }

    /// The path, each target of a link that it leads through, and where it ends.
    private static func steps(from place: String) -> [String] {
        var steps = [place]
        // As many as the kernel follows (path_resolution(7)).
        for _ in 0..<40 {
            guard let last = steps.last, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: last)
            else { break }
            let parent = (last as NSString).deletingLastPathComponent
            steps.append(target.hasPrefix("/") ? target : "\(parent)/\(target)")
        }
        return steps + [URL(fileURLWithPath: place).resolvingSymlinksInPath().path]
    }

    private static func withoutSlashes(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
