internal import Foundation
internal import Synchronization
internal import UnixHTTP

/// Podman's REST API over its Unix socket: deadlines, JSON, typed errors, and a count of writes.
final class LibpodClient: Sendable {
    static let deadline: Duration = .seconds(10)

    private let http: UnixHTTPClient
    private let writeCount = Mutex(0)

    init(socketPath: String) {
        http = UnixHTTPClient(socketPath: socketPath)
    }

    /// The number of writing requests sent, whatever their result.
    var writes: Int { writeCount.withLock { $0 } }

    /// Reads JSON; nil when the object does not exist (404).
    ///
    /// - Parameter accepted: further statuses that mean so.
    func get<T: Decodable>(
        _ type: T.Type, _ path: String, accepted: Set<Int> = [], deadline: Duration = LibpodClient.deadline,
        object: String
    ) async throws -> T? {
        let response = try await send(.get, path, deadline: deadline, object: object)
        if response.status == 404 || accepted.contains(response.status) { return nil }
        try check(response, object: object)
        return try decode(type, response.body, object: object)
    }

    /// Sends a writing request.
    ///
    /// - Parameter accepted: statuses besides 200 to 299 that count as success.
    @discardableResult
    func write(
        _ method: HTTPRequest.Method, _ path: String, body: Body = .none, accepted: Set<Int> = [],
        deadline: Duration = LibpodClient.deadline, object: String
    ) async throws -> [UInt8] {
        let response = try await send(method, path, body: body, deadline: deadline, object: object)
        guard !accepted.contains(response.status) else { return response.body }
        try check(response, object: object)
        return response.body
    }

    enum Body {
        case none
        case json(any Encodable)
        /// Not a form type: Podman would parse the body, and consume it.
        case bytes([UInt8])
    }

    /// Opens a response that is read line by line.
    func stream(_ method: HTTPRequest.Method, _ path: String, object: String) async throws -> HTTPResponseStream {
        if method != .get { countWrite() }
        do {
            let request = HTTPRequest(method: method, target: Self.prefix + path)
            let stream = try await http.stream(request, timeout: method == .get ? Self.deadline : .seconds(60))
            guard !stream.head.isSuccess else { return stream }
            var body: [UInt8] = []
            for try await chunk in stream where body.count < 1 << 20 { body += chunk }
            throw failure(HTTPResponse(status: stream.head.status, body: body), object: object)
        } catch let error as UnixHTTPError {
            throw PodmanError(.unreachable(error), object: object)
        }
    }

    func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], object: String) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw PodmanError(.unexpectedAnswer(error.place), object: object)
        }
    }

    private static let prefix = "/v4.0.0/libpod"

    private func send(
        _ method: HTTPRequest.Method, _ path: String, body: Body = .none, deadline: Duration = LibpodClient.deadline,
        object: String
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method: method, target: Self.prefix + path)
        switch body {
        case .none: break
        case .json(let value):
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            request.body = Array(try encoder.encode(value))
            request.headers["content-type"] = "application/json"
        case .bytes(let bytes):
            request.body = bytes
            request.headers["content-type"] = "application/octet-stream"
        }
        if method != .get { countWrite() }
        do {
            return try await http.send(request, timeout: deadline)
        } catch let error as UnixHTTPError {
            throw PodmanError(.unreachable(error), object: object)
        }
    }

    /// For writes through the program `podman`.
    func countWrite() { writeCount.withLock { $0 += 1 } }

    private func check(_ response: HTTPResponse, object: String) throws {
        guard response.isSuccess else { throw failure(response, object: object) }
    }

    private func failure(_ response: HTTPResponse, object: String) -> PodmanError {
        let error = try? JSONDecoder().decode(LibpodError.self, from: Data(response.body))
        let message = error?.message ?? String(response.text.prefix(500))
        return PodmanError(
            .init(status: response.status, message: message, cause: error?.cause ?? ""), object: object)
    }
}

/// The body of an answer that is not a success (`ErrorModel` in podman `pkg/errorhandling`).
struct LibpodError: Decodable {
    var cause: String?
    var message: String?
}

extension DecodingError {
    /// Where and what, without the bytes.
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, let context): "no \((context.codingPath + [key]).dotted)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.codingPath.dotted): \(context.debugDescription)"
        @unknown default: "not the JSON that was expected"
        }
    }
}

extension [any CodingKey] {
    fileprivate var dotted: String { isEmpty ? "the answer" : map(\.stringValue).joined(separator: ".") }
}
