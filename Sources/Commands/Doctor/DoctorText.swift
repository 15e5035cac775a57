internal import ControlAPI
internal import Doctor
internal import Foundation
internal import JSON

/// What `wgctl doctor` prints.
struct DoctorText {
    var diagnoses: [Diagnosis]
    /// Whether what is ok is shown too.
    var showsAll = false
    var isColoured = false

    func count(_ severity: Diagnosis.Severity) -> Int { diagnoses.count { $0.severity == severity } }

    var lines: [String] {
        var lines: [String] = []
        for area in Diagnosis.Area.allCases {
            let shown = diagnoses.filter { $0.area == area && (showsAll || $0.severity != .ok) }
            guard !shown.isEmpty else { continue }
            lines.append(area.rawValue)
            for diagnosis in shown { lines += self.lines(diagnosis) }
        }
        return lines + [summary]
    }

    /// `1 problem, 2 warnings, 1 not looked at, 25 ok`
    var summary: String {
        var parts: [String] = []
        if count(.problem) > 0 { parts.append(counted(count(.problem), "problem")) }
        if count(.warning) > 0 { parts.append(counted(count(.warning), "warning")) }
        if count(.unknown) > 0 { parts.append("\(count(.unknown)) not looked at") }
        return (parts + ["\(count(.ok)) ok"]).joined(separator: ", ")
    }

    private static let width = 11

    private func lines(_ diagnosis: Diagnosis) -> [String] {
        let indent = String(repeating: " ", count: Self.width)
        var lines = [word(diagnosis.severity) + "\(diagnosis.check): \(diagnosis.found)".printable]
        if !diagnosis.why.isEmpty { lines.append(indent + "why: \(diagnosis.why)".printable) }
        for (number, line) in diagnosis.remedy.enumerated() {
            lines.append((indent + (number == 0 ? "fix: " : "     ") + line.printable).trimmedAtEnd)
        }
        return lines
    }

    /// As wide as the indent.
    private func word(_ severity: Diagnosis.Severity) -> String {
        let (text, tone): (String, Tone) =
            switch severity {
            case .ok: ("ok", .good)
            case .warning: ("warning", .warning)
            case .problem: ("problem", .bad)
            case .unknown: ("unseen", .plain)
            }
        let padding = String(repeating: " ", count: Self.width - 2 - text.count)
        let isPlain = !isColoured || tone == .plain
        return "  " + (isPlain ? text : "\u{1b}[\(tone.rawValue)m\(text)\u{1b}[0m") + padding
    }

    var json: JSONValue {
        get throws {
            .object([
                "problems": .integer(Int64(count(.problem))), "warnings": .integer(Int64(count(.warning))),
                "unseen": .integer(Int64(count(.unknown))), "diagnoses": try JSONValue(encoding: diagnoses),
            ])
        }
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
