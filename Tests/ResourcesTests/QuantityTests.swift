import Resources
import Testing

@Suite struct QuantityTests {
    @Test func cpu() {
        #expect(Quantity.milli("500m") == 500)
        #expect(Quantity.milli("1.5") == 1500)
        #expect(Quantity.milli("2") == 2000)
        #expect(Quantity.milli("0.125") == 125)
        for text in ["", "m", "-1", "1.2345", "1e3", "9223372036854775807", "1 "] {
            #expect(Quantity.milli(text) == nil)
        }
    }

    @Test func memory() {
        #expect(Quantity.bytes("64Mi") == 64 << 20)
        #expect(Quantity.bytes("1G") == 1_000_000_000)
        #expect(Quantity.bytes("1.5Ki") == 1536)
        #expect(Quantity.bytes("1048576") == 1_048_576)
        for text in ["", "Mi", "1.Mi", "9223372036854775807Ti", "1kB"] { #expect(Quantity.bytes(text) == nil) }
    }

    @Test func durations() {
        #expect(GoDuration.seconds("1m30s") == 90)
        #expect(GoDuration.seconds("2h") == 7200)
        #expect(GoDuration.milliseconds("1s500ms") == 1500)
        for text in ["", "s", "1", "100ms", "1s ", "99999999999999999h"] { #expect(GoDuration.seconds(text) == nil) }
    }
}
