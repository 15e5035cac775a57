import ManifestWatch
import Testing

@testable import Daemon

@Suite struct InboxTests {
    private func next(_ inbox: Inbox) async -> String {
        switch await inbox.next() {
        case .request: "request"
        case .policy: "policy"
        case .manifests(.unavailable(let reason)): reason
        case .manifests(.snapshot): "snapshot"
        case .host(let isResync): isResync ? "resync" : "host"
        case nil: "nothing"
        }
    }

    @Test func whatComesAgainIsDealtWithOnceAndManifestsKeepNoPolicyWaiting() async {
        let inbox = Inbox()
        inbox.send(.host(isResync: true))
        inbox.send(.host(isResync: false))
        inbox.send(.manifests(.unavailable(reason: "older")))
        inbox.send(.manifests(.unavailable(reason: "newer")))
        inbox.send(.policy)
        inbox.send(.policy)
        inbox.send(.request { _ in })
        var taken: [String] = []
        for _ in 0..<4 { taken.append(await next(inbox)) }
        #expect(taken == ["request", "policy", "newer", "resync"])
        let waiting = Task { await next(inbox) }
        waiting.cancel()
        #expect(await waiting.value == "nothing")
    }
}
