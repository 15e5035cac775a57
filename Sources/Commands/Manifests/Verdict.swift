internal import Manifest
internal import Resources

/// What `wgctl validate` has to say of a set of manifests.
struct Verdict {
    /// In the order of their places, none twice.
    var findings: [Finding]
    var fileCount: Int
    /// Documents that name a resource.
    var resourceCount: Int

    init(_ accepted: AcceptedSet, fileCount: Int) {
        var seen: Set<String> = []
        findings = accepted.findings.filter { seen.insert($0.error.description).inserted }
        self.fileCount = fileCount
        resourceCount = accepted.acceptances.count
    }

    var errors: [Finding] { findings.filter { !$0.isWarning } }
    var isValid: Bool { errors.isEmpty }

    /// `FILE:LINE:COLUMN: path: reason, remedy`, a mistake each.
    var lines: [String] { findings.map(\.line) }

    /// `12 resources in 5 files are valid`.
    var summary: String {
        let files = counted(fileCount, "file")
        guard isValid else { return "\(counted(errors.count, "mistake")) in \(files)" }
        return "\(counted(resourceCount, "resource")) in \(files) \(resourceCount == 1 ? "is" : "are") valid"
    }
}

extension Finding {
    /// As compilers print it; a warning says that it is one, behind the place.
    var line: String {
        guard isWarning else { return error.description }
        var unplaced = error
        unplaced.file = ""
        let place = ":\(error.line):\(error.column): "
        let text = unplaced.description.dropFirst(place.count)
        return "\(error.file.printable)\(place)warning: \(text)"
    }

    /// `path: reason, remedy`.
    var text: String {
        (error.path.isEmpty ? "" : "\(error.path): ") + error.reason + (error.remedy.isEmpty ? "" : ", \(error.remedy)")
    }
}

/// `1 file`, `2 files`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
