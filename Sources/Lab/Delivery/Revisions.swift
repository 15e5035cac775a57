internal import Foundation
internal import Glibc
internal import ManifestWatch

/// The manifest directory of a host that receives edits late, as git-sync keeps one: a directory for each revision, and
/// a link to the one that is delivered.
///
///     PATH/current -> revisions/2-81234
///     PATH/revisions/3-84239/overlay.yaml
///
/// The name of a revision says its number and when it is due, so that what waits survives the process that delivers it.
struct Revisions: Sendable {
    struct Name: Hashable, Sendable {
        var number: Int
        /// Time since boot, in whole milliseconds.
        var due: Duration

        var text: String { "\(number)-\(due.milliseconds)" }

        init(number: Int, due: Duration) {
            self.number = number
            self.due = due
        }

        /// nil for a revision that is being written.
        init?(_ text: String) {
            let parts = text.split(separator: "-").map { Int($0) }
            guard parts.count == 2, let number = parts[0], let due = parts[1] else { return nil }
            self.init(number: number, due: .milliseconds(due))
        }
    }

    let path: String

    /// What the daemon takes for its manifest directory.
    var current: String { "\(path)/current" }

    func directory(_ name: Name) -> String { "\(path)/revisions/\(name.text)" }

    /// All that are kept, in their order.
    func all() -> [Name] {
        listDirectory("\(path)/revisions").compactMap { Name($0) }.sorted { $0.number < $1.number }
    }

    /// The one that is delivered; nil before the first.
    func delivered() -> Name? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard readlink(current, &target, target.count - 1) > 0 else { return nil }
        let text = String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").last.flatMap { Name(String($0)) }
    }

    /// Those that are not delivered yet, in their order.
    func waiting() -> [Name] {
        let last = delivered()?.number ?? 0
        return all().filter { $0.number > last }
    }

    /// Writes a revision, whole or not at all.
    ///
    /// - Parameter source: The directory that the files are of: what cannot be read there is copied as it stands, so
    ///   that the late host refuses it as the others do.
    func write(_ files: [SourceFile], of source: String, as name: Name) throws(LabError) {
        let unfinished = "\(path)/revisions/unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        try makeDirectory(unfinished)
        for file in files {
            let target = "\(unfinished)/\(file.path)"
            if let slash = target.lastIndex(of: "/") { try makeDirectory(String(target[..<slash])) }
            switch file.contents {
            case .bytes(let bytes): try writeFile(bytes, to: target)
            case .unreadable:
                let copy = Command(["cp", "--archive", "--no-dereference", "--", "\(source)/\(file.path)", target])
                // A file that went away or cannot be copied is an empty one: a deletion is not invented.
                if (try? copy.run()) == nil { try writeFile([], to: target) }
            }
        }
        guard rename(unfinished, directory(name)) == 0 else {
            throw .system(call: "rename", subject: directory(name), errno: errno)
        }
    }

    /// Flips the link, and removes what was delivered before the last revision: that one may still be being read.
    func deliver(_ name: Name) throws(LabError) {
        let before = delivered()
        let link = "\(path)/next"
        unlink(link)
        guard symlink("revisions/\(name.text)", link) == 0, rename(link, current) == 0 else {
            throw .system(call: "symlink", subject: current, errno: errno)
        }
        for old in all() where old.number < name.number && old != before {
            try? FileManager.default.removeItem(atPath: directory(old))
        }
    }
}
