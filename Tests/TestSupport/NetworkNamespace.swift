internal import CLinux
internal import Descriptors
internal import Foundation
internal import Glibc
internal import JSON
internal import Synchronization

/// A fresh network namespace under a unique name, gone when released.
public final class NetworkNamespace: Sendable {
    /// As `ip netns` knows it.
    public let name: String
    private static let counter = Atomic<Int>(0)

    /// - Throws: `TestFailure` when `ip netns add` fails (not root, no iproute2).
    public init() throws {
        let number = NetworkNamespace.counter.add(1, ordering: .relaxed).newValue
        name = "wgctl-test-\(getpid())-\(number)"
        try run("ip", "netns", "add", name)
        try ip("link", "set", "lo", "up")
    }

    deinit {
        // An `ip netns exec` that begins just now, of any test, copies the mount and makes it busy for a moment.
        let deadline = Date(timeIntervalSinceNow: 10)
        while true {
            do {
                try run("ip", "netns", "delete", name)
                return
            } catch {
                if access("\(MachineNamespaces.root)/run/netns/\(name)", F_OK) != 0 { return }
                if Date() > deadline {
                    print("namespace \(name) is left behind: \(error)")
                    return
                }
                usleep(20_000)
            }
        }
    }

    /// Runs `body` on a thread of its own inside the namespace: what it opens, stays there.
    public func enter<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let file = "\(MachineNamespaces.root)/run/netns/\(name)"
        let namespace = try Descriptor(opening: file, flags: O_RDONLY).release()
        defer { close(namespace) }
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = Swift.Result {
                MachineNamespaces.leave()
                try systemCall("enter a network namespace") { clinux_enter_network_namespace(namespace) }
                return try body()
            }
            outcome.withLock { $0 = result }
            done.signal()
        }
        thread.start()
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { throw TestFailure("the thread left no result") }
        return try result.get()
    }

    /// Runs `ip` inside the namespace; its output.
    @discardableResult
    public func ip(_ arguments: String...) throws -> String {
        try run(["ip", "-n", name] + arguments)
    }

    /// Runs any command inside the namespace; its output.
    @discardableResult
    public func execute(_ arguments: String...) throws -> String {
        try run(["ip", "netns", "exec", name] + arguments)
    }

    /// Runs `ip -j` inside the namespace; its JSON as an array of objects.
    public func json(_ arguments: String...) throws -> [JSONObject] {
        let text = try run(["ip", "-n", name, "-j", "-d"] + arguments)
        guard !text.isEmpty else { return [] }
        return try JSONDecoder().decode([JSONObject].self, from: Data(text.utf8)).filter { !$0.values.isEmpty }
    }
}

/// One object of iproute2's JSON; nested ones are flattened with dots.
public struct JSONObject: Decodable, Sendable {
    public let values: [String: String]

    public subscript(_ key: String) -> String? { values[key] }

    public init(from decoder: any Decoder) throws {
        var values: [String: String] = [:]
        try JSONObject.flatten(try JSONValue(from: decoder), "", &values)
        self.values = values
    }

    private static func flatten(_ value: JSONValue, _ path: String, _ values: inout [String: String]) throws {
        func child(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        switch value {
        case .string(let text): values[path] = text
        case .integer(let number): values[path] = String(number)
        case .bool(let bool): values[path] = String(bool)
        case .number, .null: values[path] = ""
        case .object(let object): for (name, value) in object { try flatten(value, child(name), &values) }
        case .array(let array):
            for (index, value) in array.enumerated() { try flatten(value, child("\(index)"), &values) }
        }
    }
}
