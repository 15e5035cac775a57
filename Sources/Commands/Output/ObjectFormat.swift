internal import ArgumentParser

/// `-o` of `wgctl get`.
enum ObjectFormat: Hashable, ExpressibleByArgument {
    case output(OutputFormat)
    case jsonPath(JSONPathTemplate)
    case columns(CustomColumns)

    static let help: ArgumentHelp =
        "wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=TITLE:PATH,…, as kubectl has them."

    static var allValueStrings: [String] { OutputFormat.allCases.map(\.rawValue) + ["jsonpath=", "custom-columns="] }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    init?(argument: String) {
        guard let format = try? Self(parsing: argument) else { return nil }
        self = format
    }

    /// For `transform:`, whose errors are shown.
    static func parse(_ text: String) throws -> ObjectFormat { try ObjectFormat(parsing: text) }

    private init(parsing text: String) throws {
        func rest(_ prefix: String) -> String? { text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil }
        do {
            if let template = rest("jsonpath=") {
                self = .jsonPath(try JSONPathTemplate(template))
            } else if let columns = rest("custom-columns=") {
                self = .columns(try CustomColumns(columns))
            } else if let format = OutputFormat(rawValue: text) {
                self = .output(format)
            } else {
                throw JSONPathParser.ParseError(
                    description:
                        "unknown format \"\(text.printable)\"; formats: wide, json, yaml, name, jsonpath=, custom-columns="
                )
            }
        } catch let error as JSONPathParser.ParseError {
            throw ValidationError(error.description)
        }
    }

    var output: OutputFormat? { if case .output(let format) = self { format } else { nil } }
}
