import Testing

@testable import Lab

/// Edits on their way to a late host, by a clock that the test sets.
@Suite struct DelayQueueTests {
    @Test func `each leaves after the same time, in the order in which they came`() {
        var queue = DelayQueue<String>(delay: .seconds(60))
        #expect(queue.wait(at: .seconds(0)) == nil)
        queue.append("first", at: .seconds(100))
        queue.append("second", at: .seconds(101))
        #expect(queue.wait(at: .seconds(110)) == .seconds(50))
        #expect(queue.next(at: .milliseconds(159_999)) == nil)
        queue.append("third", at: .milliseconds(159_999))
        #expect(queue.next(at: .seconds(160)) == "first")
        #expect(queue.next(at: .seconds(160)) == nil)
        #expect(queue.wait(at: .seconds(160)) == .seconds(1))
        // Whoever was away finds everything whose time has come, each for itself.
        #expect(queue.wait(at: .seconds(300)) == .zero)
        #expect(queue.next(at: .seconds(300)) == "second")
        #expect(queue.next(at: .seconds(300)) == "third")
        #expect(queue.next(at: .seconds(300)) == nil)
        #expect(queue.wait(at: .seconds(300)) == nil)
    }

    @Test func `what an earlier queue left keeps its time and its turn`() {
        var queue = DelayQueue<String>(
            delay: .seconds(1), waiting: [.init(element: "left", due: .seconds(60))])
        queue.append("new", at: .seconds(2))
        #expect(queue.next(at: .seconds(59)) == nil)
        #expect(queue.next(at: .seconds(60)) == "left")
        #expect(queue.next(at: .seconds(60)) == "new")
    }
}
