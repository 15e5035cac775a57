import Foundation
import Manifest
import TestSupport
import Testing

@testable import Import

/// A folder of `Golden`: what is imported, and beside it `manifests.yaml` and `report.txt`. The keys there are thrown away:
/// no host has ever had them.
struct Fixture: CustomTestStringConvertible, Sendable {
    enum Source: String, CaseIterable { case wgQuick = "wg-quick", ansible }

    var source: Source
    var name: String

    var testDescription: String { "\(source.rawValue)/\(name)" }

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    private static let outcomes: Set<String> = ["manifests.yaml", "report.txt"]

    static let all = Source.allCases.flatMap { source in
        let folder = golden.appending(path: source.rawValue).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().map { Fixture(source: source, name: $0) }
    }

    /// The files by path.
    func inputs() throws -> [String: String] {
        let folder = Self.golden.appending(path: testDescription)
        var inputs: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where !Self.outcomes.contains(path)
        {
            let url = folder.appending(path: path)
            if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
                inputs[path] = try String(contentsOf: url, encoding: .utf8)
            }
        }
        return inputs
    }

    func run() throws -> Imported { try run(inputs()) }

    func run(_ inputs: [String: String]) throws(ImportFailure) -> Imported {
        switch source {
        case .wgQuick: return try importWgQuick(inputs)
        case .ansible:
            return try AnsibleImport.run(
                inputs.map { ManifestFile(path: $0.key, contents: .bytes(Array($0.value.utf8))) }, prefix: "fleet/")
        }
    }

    /// Compares with the files beside the inputs.
    func expect(_ text: String, in file: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectGolden(text, "Golden/\(testDescription)/\(file)", sourceLocation: sourceLocation)
    }
}

/// Files of wg-quick by path, their hosts named by their paths, in the order of the paths.
func importWgQuick(_ texts: [String: String], overlay: String? = nil) throws(ImportFailure) -> Imported {
    let files = texts.sorted { $0.key < $1.key }.map { path, text in
        let steps = path.split(separator: "/")
        return (path: path, folder: steps.count > 1 ? String(steps[steps.count - 2]) : nil, text: text)
    }
    return try WgQuickImport.run(WgQuickFile.named(files, localHost: "this-host"), overlay: overlay)
}

func reportText(_ imported: Imported) -> String { imported.report.map { $0.description + "\n" }.joined() }
