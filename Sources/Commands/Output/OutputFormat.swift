internal import ArgumentParser
internal import Foundation
internal import JSON
internal import Manifest

/// `-o`
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case wide, json, yaml, name
}

/// `-o` of commands that print one thing for programs, or a text.
enum DataFormat: String, ExpressibleByArgument, CaseIterable {
    case json, yaml

    var outputFormat: OutputFormat { self == .json ? .json : .yaml }
}

/// How objects are printed.
struct Rendering {
    var format: OutputFormat?
    var showsHeaders = true
    var isColoured = false

    /// Whether objects are printed as documents, not as rows.
    var isDocument: Bool { format == .json || format == .yaml }

    static func text(_ value: JSONValue, _ format: OutputFormat?) throws -> String {
        if format == .yaml { return YAMLText.render(value) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
    }

    /// What JSON allows in a string and a terminal might obey (DEL, C1 controls, direction marks) as `\\uXXXX`; the only
    /// unprintable character outside strings is the line feed.
    private static func escaped(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { $0.isUnprintable && $0 != "\n" }) else { return json }
        return json.unicodeScalars.map { scalar in
            guard scalar.isUnprintable, scalar != "\n" else { return String(scalar) }
            return String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }.joined()
    }
}
