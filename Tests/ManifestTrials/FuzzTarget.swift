/// The fleet below `Fleet`, of which an input takes the place of one file.
public struct FuzzTarget {
    private var trial: Trial

    /// - Throws: `Trial.Failure` when the fleet is not valid.
    public init() throws { trial = try Trial(fleet: try ExampleFleet.files("Tests/ManifestTrials/Fleet")) }

    /// - Throws: `Trial.Failure` for what must not happen, whatever the input.
    @discardableResult
    public mutating func run(_ input: [UInt8]) throws -> Trial.Outcome {
        // An overlay takes the overlays' place: in another file it would only be a name that stands twice.
        let isOverlay = String(decoding: input, as: UTF8.self).contains("Overlay")
        return try trial.replace(isOverlay ? "overlays.yaml" : "alpha.yaml", with: input)
    }
}
