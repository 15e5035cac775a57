internal import Foundation

/// The values of `format` that Kubernetes checks and our CRDs may use; others mean nothing, as there.
func matches(_ text: String, format: String) -> Bool {
    switch format {
    case "byte": Data(base64Encoded: text) != nil
    case "date-time": (try? Date(text, strategy: .iso8601)) != nil
    case "duration": text.range(of: #"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"#, options: .regularExpression) != nil
    default: true
    }
}
