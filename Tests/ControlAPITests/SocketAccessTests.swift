import Glibc
import Testing
import UnixHTTP

@testable import ControlAPI

/// Who may do what over a socket that a group can open.
struct SocketAccessTests {
    private func isRefused(_ method: HTTPRequest.Method, _ path: String, user: UInt32?) -> Bool {
        var request = HTTPRequest(method: method, target: path)
        request.peer = user.map { PeerCredentials(processID: 1, userID: $0, groupID: 100) }
        return ControlServer.refusal(of: request) != nil
    }

    @Test(arguments: ["/v1/resync", "/v1/down", "/v1/prune", "/v1/adopt", "/v1/whatever-comes-next"])
    func onlyRootAndTheDaemonsUserChangeSomething(_ path: String) {
        #expect(!isRefused(.post, path, user: 0))
        #expect(!isRefused(.post, path, user: geteuid()))
        #expect(isRefused(.post, path, user: 4711))
        #expect(isRefused(.post, path, user: nil), "a peer that is not known is nobody")
        #expect(isRefused(.delete, path, user: 4711))
    }

    @Test func everybodyWhoCanConnectReads() {
        #expect(!isRefused(.get, "/v1/summary", user: 4711))
        #expect(!isRefused(.post, "/v1/diff", user: 4711), "a dry run changes nothing")
    }

    @Test func theSocketIsTheGroupsToo() async throws {
        let provider = Provider(try sampleReport())
        try await withServer(provider, group: 4712) { client, path in
            var status = stat()
            try #require(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660 && status.st_gid == 4712)
            #expect(try await client.summary().node == "host-a")
        }
    }
}
