public import Convergence

/// So that tests write `"node/host-a"`.
extension ResourceReference: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let reference = ResourceReference(text) else { preconditionFailure("\"\(text)\" is not KIND/NAME") }
        self = reference
    }
}
