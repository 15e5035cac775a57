internal import Convergence
internal import Foundation
internal import Manifest
internal import Records
internal import Resources

extension HostController {
    /// Counts the crash that the journal shows. Runs before the first snapshot.
    func noteInterruption() async {
        if let text = await disk.run({ [records] in try? await records.quarantine() }) ?? nil,
            let data = text.data(using: .utf8),
            let stored = try? JSONDecoder().decode(Quarantine.self, from: data)
        {
            acceptance.quarantine = stored
            acceptance.quarantine.forgetOtherVersions()
        }
        guard let file = acceptance.journal.interrupted else { return }
        let isSetAside = acceptance.quarantine.note(death: file)
        // It must be on disk before the file is tried again.
        await saveQuarantine()
        await recorder.event(
            .warning, isSetAside ? Reason.quarantined : Reason.parserDied,
            isSetAside
                ? "wgd died twice while it read \(file.path), which is set aside until its contents change: change it, "
                    + "and report it with the file"
                : "wgd died while it read \(file.path), and tries it once more", regarding: .file(file.path))
    }

    /// Accepts the files without those that are quarantined.
    ///
    /// - Parameter past: what this host carries, when nothing is recorded of it.
    func acceptSafely(
        _ files: [ManifestFile], pruning: PruneRequest, past: HostEvidence?
    ) async -> AcceptedSet {
        let before = acceptance.quarantine
        let accepted = acceptance.accept(files, pruning: pruning, evidence: past.map(claims))
        if acceptance.quarantine != before { await saveQuarantine() }
        return accepted
    }

    private func saveQuarantine() async {
        guard let json = try? JSONEncoder().encode(acceptance.quarantine) else { return }
        await disk.keep("the quarantine") { [records] in
            try await records.save(quarantine: String(decoding: json, as: UTF8.self))
        }
    }
}
