internal import Foundation
public import JSON

/// One node of a structural OpenAPI v3 schema, as Kubernetes defines it for CustomResourceDefinitions.
public final class JSONSchema: Sendable {
    public enum ValueType: String, Sendable, Hashable {
        case object, array, string, integer, number, boolean
    }

    /// Numbers and lengths; nil is no bound.
    public struct Bounds: Sendable, Hashable {
        public var minimum: Double?
        public var maximum: Double?
        public var isMinimumExclusive = false
        public var isMaximumExclusive = false
        public var multipleOf: Double?
        public var minLength: Int?
        public var maxLength: Int?
        public var minItems: Int?
        public var maxItems: Int?
        public var minProperties: Int?
        public var maxProperties: Int?
        public var hasUniqueItems = false
    }

    public enum AdditionalProperties: Sendable {
        case refused
        case any
        case schema(JSONSchema)
    }

    public enum ListType: String, Sendable {
        case atomic, set, map
    }

    /// How an API server merges two versions of an object; validation does not look at it.
    public enum MapType: String, Sendable {
        case granular, atomic
    }

    public let type: ValueType?
    /// The name of a text's syntax, such as `CIDR`: errors and docs use it.
    public let title: String?
    public let description: String
    public let format: Format?
    public let properties: [String: JSONSchema]
    /// The names of `properties` as the CRD orders them.
    public let propertyOrder: [String]
    public let required: [String]
    public let items: JSONSchema?
    public let additionalProperties: AdditionalProperties
    public let enumeration: [JSONValue]
    public let pattern: Pattern?
    public let bounds: Bounds
    public let isNullable: Bool
    public let defaultValue: JSONValue?
    public let allOf: [JSONSchema]
    public let anyOf: [JSONSchema]
    public let oneOf: [JSONSchema]
    public let not: JSONSchema?
    public let isIntOrString: Bool
    public let preservesUnknownFields: Bool
    public let listType: ListType
    public let listMapKeys: [String]
    public let mapType: MapType
    public let rules: [Rule]

    /// The same with another schema for one property.
    func replacing(_ property: String, with schema: JSONSchema) -> JSONSchema {
        JSONSchema(self, properties: properties.merging([property: schema]) { $1 })
    }

    private init(_ other: JSONSchema, properties: [String: JSONSchema]) {
        self.properties = properties
        type = other.type
        title = other.title
        description = other.description
        format = other.format
        propertyOrder = other.propertyOrder
        required = other.required
        items = other.items
        additionalProperties = other.additionalProperties
        enumeration = other.enumeration
        pattern = other.pattern
        bounds = other.bounds
        isNullable = other.isNullable
        defaultValue = other.defaultValue
        allOf = other.allOf
        anyOf = other.anyOf
        oneOf = other.oneOf
        not = other.not
        isIntOrString = other.isIntOrString
        preservesUnknownFields = other.preservesUnknownFields
        listType = other.listType
        listMapKeys = other.listMapKeys
        mapType = other.mapType
        rules = other.rules
    }

    /// The description without its example.
    public var summary: String {
        guard let range = description.range(of: JSONSchema.exampleMark, options: .backwards) else { return description }
        return String(description[..<range.lowerBound]).trimmingCharacters(in: .whitespaces)
    }

    /// What the description gives after `Example: `.
    public var example: String? {
        description.range(of: JSONSchema.exampleMark, options: .backwards).map { String(description[$0.upperBound...]) }
    }

    private static let exampleMark = "Example: "

    /// A value that must not appear in errors.
    var isSecret: Bool { format == .password }

    init(loading loader: inout SchemaLoader) {
        type = loader.enumeration("type")
        title = loader.text("title")
        description = loader.text("description") ?? ""
        format = loader.format(of: type)
        (properties, propertyOrder) = loader.schemas("properties")
        required = loader.texts("required")
        items = loader.schema("items")
        additionalProperties = loader.additionalProperties()
        enumeration = loader.enumeratedValues()
        pattern = loader.pattern()
        bounds = loader.bounds()
        isNullable = loader.flag("nullable")
        defaultValue = loader.value("default")
        allOf = loader.schemaList("allOf")
        anyOf = loader.schemaList("anyOf")
        oneOf = loader.schemaList("oneOf")
        not = loader.schema("not")
        isIntOrString = loader.flag("x-kubernetes-int-or-string")
        preservesUnknownFields = loader.flag("x-kubernetes-preserve-unknown-fields", mustBeTrue: true)
        listType = loader.enumeration("x-kubernetes-list-type") ?? .atomic
        listMapKeys = loader.texts("x-kubernetes-list-map-keys")
        mapType = loader.enumeration("x-kubernetes-map-type") ?? .granular
        rules = loader.rules(properties)
    }
}
