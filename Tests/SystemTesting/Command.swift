internal import Foundation

/// What went wrong, in words.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Runs a program in the calling thread's namespaces; its standard output. Blocks.
///
/// - Throws: `TestFailure` with what it said when it fails.
@discardableResult
public func run(_ arguments: String...) throws -> String { try run(arguments) }

/// Runs a program in the calling thread's namespaces; its standard output. Blocks.
@discardableResult
public func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = MachineNamespaces.wayBack() + arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        let command = arguments.joined(separator: " ")
        throw TestFailure("\(command): exit \(process.terminationStatus): \(text)\(complaint)")
    }
    return text
}
