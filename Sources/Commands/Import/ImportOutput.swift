internal import ArgumentParser
internal import Foundation
internal import Import
internal import Manifest

/// What every `wgctl import` does with its outcome.
struct ImportOutput: ParsableArguments {
    @Option(help: ArgumentHelp("The Overlay's name; without it, the interface's.", valueName: "name"))
    var overlay: String?

    @Option(
        help: ArgumentHelp("Write a file for each resource there, instead of one stream.", valueName: "path"),
        completion: .directory)
    var directory: String?

    @Flag(help: "Overwrite files that exist in the directory.")
    var force = false

    /// Imports, and writes the manifests and the report.
    ///
    /// - Throws: `CommandFailure` when nothing can be imported, when files exist or cannot be written;
    ///   `ExitStatus.failure` when the report has lines.
    func write(_ body: () throws(ImportFailure) -> Imported) throws {
        let imported: Imported
        do throws(ImportFailure) { imported = try body() } catch { throw CommandFailure(error.description) }
        if let directory {
            try write(imported.files, into: URL(fileURLWithPath: directory, isDirectory: true))
        } else {
            Terminal.print(text: imported.stream)
        }
        for line in imported.report { Terminal.note(line.description) }
        if !imported.report.isEmpty { throw ExitStatus.failure }
    }

    private func write(_ files: [Imported.File], into directory: URL) throws {
        let targets = files.map { directory.appendingPathComponent($0.name) }
        let existing = targets.map(\.relativePath).filter {
            (try? FileManager.default.attributesOfItem(atPath: $0)) != nil
        }
        if !force, !existing.isEmpty {
            let names = existing.prefix(3).map(\.printable).joined(separator: ", ")
            throw CommandFailure(
                "\(names)\(existing.count > 3 ? ", …" : ""): exists; give another --directory, or --force to overwrite")
        }
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            for (file, target) in zip(files, targets) { try Data(file.text.utf8).write(to: target, options: .atomic) }
        } catch {
            throw CommandFailure(
                "\(directory.relativePath.printable): cannot be written: \(error.localizedDescription)")
        }
        Terminal.print(targets.map(\.relativePath.printable))
    }
}
