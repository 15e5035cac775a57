/// The reference pages, made of the CRDs alone: same CRDs, same bytes.
public enum ReferenceDocs {
    /// The whole of docs/resources.md.
    public static func markdown(_ catalog: SchemaCatalog) -> String {
        let intro = """
            # Resources

            Made from `crds/*.yaml`; do not edit.
            API group and version of all: `wgctl.dev/v1alpha1`. All are cluster-scoped: they have no namespace.
            Unknown fields are errors. `metadata.annotations` and a pasted `status` are accepted and ignored.

            """
        return intro + catalog.definitions.map { "\n" + markdown(for: $0) }.joined()
    }

    /// The section of one kind.
    public static func markdown(for definition: CustomResourceDefinition) -> String {
        let names = ([definition.plural, definition.singular] + definition.shortNames).map { "`\($0)`" }
        var text = "## \(definition.kind)\n\n\(definition.schema.description)\n\n"
        text += "Names on a command line: \(names.joined(separator: ", ")).\n\n"
        text += "| field | type | default | meaning | example |\n| --- | --- | --- | --- | --- |\n"
        for field in definition.specFields {
            let mark = field.isRequired ? " **required**" : ""
            let refusals = field.refusals.isEmpty ? [] : ["refused: \(field.refusals.joined(separator: "; "))"]
            let notes = field.constraints + refusals
            let limits = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
            let cells = [
                code(field.path) + mark, code(field.type), field.defaultText.map(code) ?? "",
                escape(field.summary + limits), field.example.map(code) ?? "",
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text
    }

    private static func code(_ text: String) -> String { "`\(escape(text))`" }

    private static func escape(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
    }
}
