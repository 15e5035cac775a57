internal import Convergence
internal import Descriptors
internal import Foundation
internal import Glibc
internal import HostState

/// The program `nft`: only arguments, documents on standard input.
struct NFTProgram: Sendable {
    let path: String?

    private static let paths = ["/usr/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft"]
    private static let timeout = Duration.seconds(10)
    /// Bytes of a listing: thousands of rules.
    private static let outputLimit = 4 << 20

    /// Our table; nil when none exists.
    func table() throws(FirewallError) -> ObservedFirewall.Table? {
        let operation = "list the table inet \(DesiredFirewall.table)"
        let arguments = ["-j", "list", "table", "inet", DesiredFirewall.table]
        guard let text = try output(arguments, operation) else { return nil }
        do { return try TableListing(json: Data(text.utf8)).table } catch {
            throw .nft(operation: operation, reason: "its JSON is not as expected, please report it: \(error)")
        }
    }

    /// A chain as nft writes it; empty when none exists.
    ///
    /// - Parameter chain: its family, table and name.
    func chain(_ chain: [String]) throws(FirewallError) -> String {
        try output(["list", "chain"] + chain, "list the chain \(chain.joined(separator: " "))") ?? ""
    }

    /// Applies a document: one transaction, all or nothing.
    func run(_ document: some Encodable, _ operation: String) throws(FirewallError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Plain values of strings and numbers can always be encoded.
        let input = (try? encoder.encode(document)).map { Array($0) } ?? []
        let outcome = try outcome(["-j", "-f", "-"], input: input, operation)
        guard outcome.isSuccess else { throw .nft(operation: operation, reason: NFTProgram.reason(outcome.text)) }
    }

    /// nil when the object does not exist.
    private func output(_ arguments: [String], _ operation: String) throws(FirewallError) -> String? {
        let outcome = try outcome(arguments, operation)
        if outcome.isSuccess { return outcome.text }
        if outcome.text.contains("No such file or directory") { return nil }
        throw .nft(operation: operation, reason: NFTProgram.reason(outcome.text))
    }

    private func outcome(
        _ arguments: [String], input: [UInt8] = [], _ operation: String
    ) throws(FirewallError) -> Program.Outcome {
        guard let path = Program.first(of: path.map { [$0] } ?? NFTProgram.paths) else { throw .missing }
        let program = Program(
            path: path, arguments: arguments, environment: [Program.searchPath, "LC_ALL=C"],
            outputLimit: NFTProgram.outputLimit, input: input)
        switch program.run(timeout: NFTProgram.timeout) {
        case .success(let outcome?): return outcome
        case .success(nil):
            throw .nft(operation: operation, reason: "no answer within \(NFTProgram.timeout), so it was ended")
        case .failure(let error):
            throw .nft(operation: operation, reason: "\(path): \(SystemError.text(of: error.code))")
        }
    }

    /// The first line, which says what is wrong; the others quote the input.
    private static func reason(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? "it ended with an error and said nothing"
    }
}
