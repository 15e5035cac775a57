internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON
internal import Manifest
internal import Resources

/// `-o` of `wgctl validate`
enum VerdictFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, sarif, github
}

extension Verdict {
    /// What goes to standard output.
    func render(_ format: VerdictFormat) throws -> String {
        switch format {
        case .text: lines.map { $0 + "\n" }.joined()
        case .github: findings.map { $0.workflowCommand + "\n" }.joined()
        case .json: try Rendering.text(json, .json)
        case .sarif: try Rendering.text(sarif, .json)
        }
    }

    private var json: JSONValue {
        .object([
            "valid": .bool(isValid), "files": .integer(Int64(fileCount)), "resources": .integer(Int64(resourceCount)),
            "findings": .array(findings.map(\.json)),
        ])
    }

    /// SARIF 2.1.0 (OASIS), as code scanning services read it.
    private var sarif: JSONValue {
        let rules = Set(findings.map(\.reason)).sorted().map { reason in
            JSONValue.object([
                "id": .string(reason),
                "shortDescription": .object(["text": .string(ReasonTable.meaning(of: reason) ?? reason)]),
            ])
        }
        let driver: JSONValue = .object([
            "name": .string("wgctl"), "version": .string(ProgramVersion.current), "rules": .array(rules),
        ])
        return .object([
            "version": .string("2.1.0"), "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
            "runs": .array([
                .object([
                    "tool": .object(["driver": driver]), "columnKind": .string("unicodeCodePoints"),
                    "results": .array(findings.map(\.sarif)),
                ])
            ]),
        ])
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "severity": .string(isWarning ? "warning" : "error"), "reason": .string(reason),
            "file": .string(error.file), "line": .integer(Int64(error.line)), "column": .integer(Int64(error.column)),
            "path": .string(error.path), "message": .string(error.reason), "remedy": .string(error.remedy),
        ]
        if let resource { members["resource"] = .string(resource.description) }
        return .object(members)
    }

    fileprivate var sarif: JSONValue {
        let uri = error.file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? error.file
        return .object([
            "ruleId": .string(reason), "level": .string(isWarning ? "warning" : "error"),
            "message": .object(["text": .string(text)]),
            "locations": .array([
                .object([
                    "physicalLocation": .object([
                        "artifactLocation": .object(["uri": .string(uri)]),
                        "region": .object([
                            "startLine": .integer(Int64(error.line)), "startColumn": .integer(Int64(error.column)),
                        ]),
                    ])
                ])
            ]),
        ])
    }

    /// `::error file=…::…` of GitHub Actions, with its escapes.
    fileprivate var workflowCommand: String {
        func escaped(_ text: String, _ more: [(String, String)] = []) -> String {
            ([("%", "%25"), ("\r", "%0D"), ("\n", "%0A")] + more).reduce(text) {
                $0.replacingOccurrences(of: $1.0, with: $1.1)
            }.printable
        }
        let file = escaped(error.file, [(":", "%3A"), (",", "%2C")])
        return "::\(isWarning ? "warning" : "error") file=\(file),line=\(error.line),col=\(error.column),"
            + "title=\(escaped(reason))::\(escaped(text))"
    }
}
