internal import ArgumentParser

/// How `check` and `lab check` probe and judge.
struct ProbeOptions: ParsableArguments {
    @Option(help: "Echoes on each path, 1 to 100.")
    var count = 3

    @Option(help: ArgumentHelp("How long a reply may take.", valueName: "seconds"))
    var timeout = 1.0

    @Option(help: ArgumentHelp("How many percent of the echoes may be lost.", valueName: "percent"))
    var maxLoss = 0

    @Flag(help: "A node that neither side can dial is a failure too.")
    var requirePath = false

    func validate() throws {
        guard (1...100).contains(count) else { throw ValidationError("--count \(count): 1 to 100") }
        guard (0.01...60).contains(timeout) else { throw ValidationError("--timeout \(timeout): 0.01 to 60 seconds") }
        guard (0...100).contains(maxLoss) else { throw ValidationError("--max-loss \(maxLoss): 0 to 100 percent") }
    }

    struct Values: Sendable {
        var count: Int
        var timeout: Duration
        /// Percent.
        var toleratedLoss: Int
        var requiresPath: Bool
    }

    var values: Values {
        Values(count: count, timeout: .seconds(timeout), toleratedLoss: maxLoss, requiresPath: requirePath)
    }
}

/// `-o`
enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case wide, json, yaml

    /// The format of a whole document; nil for a table.
    var document: OutputFormat? {
        switch self {
        case .wide: nil
        case .json: .json
        case .yaml: .yaml
        }
    }
}
