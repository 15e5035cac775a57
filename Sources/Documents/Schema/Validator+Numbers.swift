internal import JSON
internal import Manifest

/// Bounds of numbers: whole numbers are compared as such, since a `Double` holds 53 bits of them alone.
extension Validator {
    mutating func checkNumber(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        let bounds = schema.bounds
        let isBelow = bounds.minimum.map { value.isLess(than: $0, orEqual: bounds.isMinimumExclusive) } ?? false
        let isAbove = bounds.maximum.map { value.isGreater(than: $0, orEqual: bounds.isMaximumExclusive) } ?? false
        if isBelow || isAbove {
            report(path, "\(value.canonicalText) is out of range", bounds.range)
        } else if let format = schema.format, !format.holds(for: value) {
            report(
                path, "\(value.canonicalText) is out of range",
                format == .int32 ? "use at most 32 bits" : "use a number that \(format.rawValue) can hold")
        } else if let step = bounds.multipleOf, !value.isMultiple(of: step) {
            report(path, "\(value.canonicalText) is not a multiple of \(printed(step))", "write a multiple")
        }
    }
}

extension JSONValue {
    /// A number of JSON (RFC 8259), whole where it is whole; nil for other text and beyond a `Double`.
    init?(number text: String) {
        guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else { return nil }
        if let whole = Int64(text) {
            self = .integer(whole)
        } else if let number = Double(text), number.isFinite {
            self = Int64(exactly: number).map { .integer($0) } ?? .number(number)
        } else {
            return nil
        }
    }

    fileprivate func isLess(than bound: Double, orEqual: Bool) -> Bool {
        if case .integer(let number) = self, let bound = Int64(exactly: bound) {
            return orEqual ? number <= bound : number < bound
        }
        guard let number = double else { return false }
        return orEqual ? number <= bound : number < bound
    }

    fileprivate func isGreater(than bound: Double, orEqual: Bool) -> Bool {
        if case .integer(let number) = self, let bound = Int64(exactly: bound) {
            return orEqual ? number >= bound : number > bound
        }
        guard let number = double else { return false }
        return orEqual ? number >= bound : number > bound
    }

    /// Fractions of ten have no exact binary form, so that a quotient counts as whole when it is so within 1e-9 of itself.
    fileprivate func isMultiple(of step: Double) -> Bool {
        if case .integer(let number) = self, let step = Int64(exactly: step), step > 0 { return number % step == 0 }
        guard let number = double else { return true }
        let quotient = number / step
        return quotient.isFinite && abs(quotient - quotient.rounded()) <= 1e-9 * max(1, abs(quotient))
    }

    private var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

func printed(_ number: Double) -> String { Int64(exactly: number).map { String($0) } ?? String(number) }

extension JSONSchema.Bounds {
    /// "write a number from 1 to 65535".
    var range: String {
        let low = minimum.map { isMinimumExclusive ? "above \(printed($0))" : "from \(printed($0))" }
        let high = maximum.map { isMaximumExclusive ? "below \(printed($0))" : "to \(printed($0))" }
        return "write a number " + [low, high].compactMap { $0 }.joined(separator: " ")
    }
}
