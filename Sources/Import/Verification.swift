internal import Manifest
internal import Resources

extension Translation {
    /// Writes the manifests, and lets the daemon's own rules judge them: what they refuse is reported at its source.
    func imported(_ report: Report) throws(ImportFailure) -> Imported {
        let files =
            [Imported.File(name: "overlay-\(overlay.metadata.name).yaml", text: ManifestText.text(of: overlay))]
            + nodes.map { Imported.File(name: "\($0.metadata.name).yaml", text: ManifestText.text(of: $0)) }
        var acceptor: Acceptor
        do { acceptor = try Acceptor() } catch { throw ImportFailure("\(error)") }
        let judged = files.map { ManifestFile(path: $0.name, contents: .bytes(Array($0.text.utf8))) }
        var report = report
        for finding in acceptor.accept(judged, lastGood: []).findings {
            guard let resource = finding.resource, let origin = origin(of: finding.error.path, in: resource) else {
                report.add(finding.error)
                continue
            }
            report.add(origin, "\(finding.error.path) of \(resource): \(finding.error.reason)", finding.error.remedy)
        }
        return Imported(files: files, report: report.lines)
    }

    /// The source of a field, or of what it is in.
    private func origin(of path: String, in resource: ResourceKey) -> Origin? {
        guard let known = origins[resource] else { return nil }
        return known.filter { path.hasPrefix($0.key) }.max { $0.key.utf8.count < $1.key.utf8.count }?.value
    }
}
