import Descriptors
import Testing

@Suite(.timeLimit(.minutes(1))) struct BroadcastTests {
    @Test func everyStreamGetsTheNewestElements() async {
        let broadcast = Broadcast<Int>(limit: 2)
        var first = broadcast.stream().makeAsyncIterator()
        broadcast.send(1)
        var second = broadcast.stream().makeAsyncIterator()
        for number in 2...4 { broadcast.send(number) }
        broadcast.finish()
        #expect(await [first.next(), first.next(), first.next()] == [3, 4, nil])
        #expect(await [second.next(), second.next(), second.next()] == [3, 4, nil])
    }

    @Test func aStreamBeginsWhereItIsMade() async {
        let broadcast = Broadcast<Int>()
        broadcast.send(1)
        #expect(broadcast.last == nil)
        var iterator = broadcast.stream().makeAsyncIterator()
        broadcast.finish()
        #expect(await iterator.next() == nil)
    }

    @Test func whatIsPushedOutIsMerged() async {
        let broadcast = Broadcast<[Int]>(merge: +)
        var iterator = broadcast.stream().makeAsyncIterator()
        for number in 1...3 { broadcast.send([number]) }
        #expect(await iterator.next() == [1, 2, 3])
        broadcast.send([4])
        #expect(await iterator.next() == [4])
    }

    @Test func aStreamBeginsWithTheLastElement() async {
        let broadcast = Broadcast<Int>(keepsLast: true)
        broadcast.send(1)
        var iterator = broadcast.stream().makeAsyncIterator()
        #expect(await iterator.next() == 1)
        broadcast.send(2)
        #expect(await iterator.next() == 2)
        #expect(broadcast.last == 2)
    }

    @Test func theLastElementIsSentWhenItsChangeCounts() async {
        let broadcast = Broadcast<[Int]>(limit: 8, keepsLast: true)
        #expect(broadcast.changeLast { _ in true } == nil)
        broadcast.send([1])
        var iterator = broadcast.stream().makeAsyncIterator()
        for number in 2...4 {
            let result = broadcast.changeLast { last in
                last.append(number)
                return number == 3
            }
            #expect(result == (number == 3))
        }
        broadcast.finish()
        #expect(await [iterator.next(), iterator.next(), iterator.next()] == [[1], [1, 2, 3], nil])
        #expect(broadcast.last == [1, 2, 3, 4])
    }

    @Test func readersAreForgottenWhenTheyLeave() async {
        let broadcast = Broadcast<Void>()
        let ends = Broadcast<Void>(keepsLast: true)
        let reader = Task { [stream = broadcast.stream { ends.send() }] in
            for await _ in stream {}
        }
        #expect(broadcast.readerCount == 1)
        reader.cancel()
        for await _ in ends.stream() { break }
        #expect(broadcast.readerCount == 0)
    }

    @Test func finishingEndsEveryStreamFromThenOn() async {
        let broadcast = Broadcast<Int>(keepsLast: true)
        broadcast.send(1)
        var early = broadcast.stream().makeAsyncIterator()
        broadcast.finish()
        broadcast.send(2)
        let ends = Broadcast<Void>(keepsLast: true)
        var late = broadcast.stream { ends.send() }.makeAsyncIterator()
        #expect(await [early.next(), early.next(), late.next()] == [1, nil, nil])
        #expect(broadcast.readerCount == 0)
        #expect(ends.last != nil)
    }

    @Test func streamsEndWithTheBroadcast() async {
        var broadcast: Broadcast<Int>? = Broadcast()
        let stream = broadcast?.stream()
        broadcast = nil
        if let stream { for await _ in stream {} }
    }
}
