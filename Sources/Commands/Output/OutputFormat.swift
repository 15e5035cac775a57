internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON
internal import Manifest

/// `-o`
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case wide, json, yaml, name
}

/// Several listings in one format, as kubectl prints them.
struct Rendering {
    var format: OutputFormat?
    var showsHeaders = true
    var isColoured = false
    /// Whether names were asked for: a single object is then printed as itself in JSON and YAML, not as a list.
    var isSingle = false

    func render(_ listings: [Listing]) throws -> String {
        switch format {
        case .json, .yaml:
            return try document(listings)
        case .name:
            return listings.flatMap { listing in listing.objects.map { listing.reference($0).printable + "\n" } }
                .joined()
        case .wide, nil:
            let filled = listings.filter { !$0.objects.isEmpty }
            return filled.map { listing in
                table(listing, of: listings.count).lines(header: showsHeaders, isColoured: isColoured)
                    .map { $0 + "\n" }.joined()
            }.joined(separator: "\n")
        }
    }

    func table(_ listing: Listing, of count: Int) -> Table {
        listing.table(isWide: format == .wide, prefixesNames: count > 1)
    }

    private func document(_ listings: [Listing]) throws -> String {
        let objects = listings.flatMap { $0.objects.map(\.json) }
        if isSingle, objects.count == 1 { return try Self.text(objects[0], format) }
        let list: JSONValue = .object(["apiVersion": .string("v1"), "kind": .string("List"), "items": .array(objects)])
        return try Self.text(list, format)
    }

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
