import Foundation
import HostState
import Manifest
import ManifestWatch
import Planner
import Resources

// What `make bench` measures inside the program. usage: bench generate|cold|change DIRECTORY NODES [RUNS]
//
// Prints a line `NAME<TAB>SECONDS` for every run; scripts/bench-manifests makes the table.

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[3]), (1...62_500).contains(count) else {
    print("usage: bench generate|cold|change DIRECTORY NODES [RUNS]")
    exit(64)
}
let fleet = Fleet(directory: URL(filePath: arguments[2]), count: count)
let measurement = Measurement(fleet: fleet, runs: arguments.dropFirst(4).first.flatMap { Int($0) } ?? 5)
switch arguments[1] {
case "generate": try fleet.write()
case "cold": try measurement.coldStarts()
case "change": try await measurement.changes()
default: exit(64)
}
