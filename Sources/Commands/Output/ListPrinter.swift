internal import JSON

/// Prints objects as one JSON or YAML document of kind List, object by object.
struct ListPrinter {
    let format: OutputFormat
    private var isEmpty = true

    init(_ format: OutputFormat) { self.format = format }

    var head: String {
        format == .yaml ? "apiVersion: v1\n" : "{\n  \"apiVersion\" : \"v1\",\n"
    }

    mutating func text(_ items: [JSONValue]) throws -> String {
        var text = ""
        for item in items {
            if format == .yaml {
                text += (isEmpty ? "items:\n" : "") + YAMLText.render(.array([item]))
            } else {
                let lines = try Rendering.text(item, .json).split(separator: "\n").map { "    \($0)" }
                text += (isEmpty ? "  \"items\" : [\n" : ",\n") + lines.joined(separator: "\n")
            }
            isEmpty = false
        }
        return text
    }

    var tail: String {
        if format == .yaml { return (isEmpty ? "items: []\n" : "") + "kind: List\n" }
        return (isEmpty ? "  \"items\" : [],\n" : "\n  ],\n") + "  \"kind\" : \"List\"\n}\n"
    }
}
