import Foundation
import JSON
import Testing

/// Text becomes the value that `JSONDecoder` makes of it, only quicker.
@Suite struct JSONValueTests {
    @Test(arguments: [
        "0", "-0", "1", "-12", "1.5", "1.0", "1e2", "1E-2", "-0.25", "9007199254740993", "9223372036854775808", "true",
        "false", "null", " [ ] ", "{ }", #"[1,"1",[true,{}],null]"#, #"{"a":{"b":[{"c":""}]},"d":"x"}"#,
        "\t{\"a\" : 1 ,\r\n\"b\" : [ 2 , 3 ] }\n", #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\u20AC\ud83d\ude00 é€😀""#,
        #"{"é":1,"":2}"#,
    ])
    func textIsReadAsTheDecoderReadsIt(text: String) throws {
        let decoded = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(JSONValue(parsing: text) == decoded)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "1 2", "01", "-", "+1", "1e999", "tru",
        "truex",
        "\"a", #""\x""#, #""\u12""#, #""\ud83d""#, "]", "'a'", "NaN", String(repeating: "[", count: 1_000_000),
    ])
    func whatIsNoJSONIsRefused(text: String) { #expect(JSONValue(parsing: text) == nil) }
}
