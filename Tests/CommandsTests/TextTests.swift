import ControlAPI
import Foundation
import JSON
import Logging
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// The small pure pieces: ages, selectors, arguments, escapes, YAML.
@Suite struct TextTests {
    @Test func kindsHaveShortNames() throws {
        #expect(try ObjectArguments(["no,ov,gw,po,co"]).kinds == [.nodes, .overlays, .gateways, .containers])
        #expect(try ObjectArguments(["wgnode,wgoverlay,wggw"]).kinds == [.nodes, .overlays, .gateways])
        #expect(try ObjectArguments(["Node/a", "pod/b"]).names == [.nodes: ["a"], .containers: ["b"]])
        let error = #expect(throws: ObjectArguments.ParseError.self) { try ObjectArguments(["nod"]) }
        #expect(error?.description.hasPrefix("unknown kind \"nod\" (did you mean nodes?); kinds: nodes, ") == true)
        for words in [[], ["things"], ["node/a", "b"], ["x/y"]] {
            #expect(throws: ObjectArguments.ParseError.self) { try ObjectArguments(words) }
        }
    }

    /// https://no-color.org: an empty value asks for nothing.
    @Test(arguments: [
        ([:], true), (["NO_COLOR": ""], true), (["NO_COLOR": "0"], false), (["TERM": "dumb"], false),
        (["TERM": "xterm"], true),
    ])
    func colourIsAllowed(_ environment: [String: String], _ isAllowed: Bool) {
        #expect(Terminal.allowsColour(environment) == isAllowed)
    }

    /// A message, or a value beside it, may hold what a file name or Podman says.
    @Test func logLinesCannotBeFaked() {
        final class Lines: Sendable { let all = Mutex<[String]>([]) }
        struct Collector: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var metadataProvider: Logger.MetadataProvider?
            var logLevel = Logger.Level.trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) {
                let all = metadata.merging(event.metadata ?? [:]) { $1 }
                let line = "\(event.message) " + all.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
                lines.all.withLock { $0.append(line) }
            }
        }
        let lines = Lines()
        var logger = Logger(label: "wgd") { _ in PrintableLog(Collector(lines: lines)) }
        logger[metadataKey: "host"] = "\u{202e}a"
        logger.warning("file a\n2026 warning wgd: x\u{1b}[2J", metadata: ["causes": "b\u{9b}"])
        let text = lines.all.withLock { $0 }
        #expect(text.count == 1)
        #expect(
            text.first
                == "file a\\n2026 warning wgd: x\\u{1b}[2J causes=b\\u{9b} host=\\u{202e}a", "\(text)")
    }

    @Test func controlCharactersAreEscaped() {
        #expect("a\u{1b}[2J\n\u{202e}b".printable == "a\\u{1b}[2J\\n\\u{202e}b")
        #expect("é 日本".printable == "é 日本")
        let table = Table(columns: ["NAME", "X"], rows: [[Cell("a\u{7}"), Cell("1")]])
        #expect(table.lines()[1] == "a\\u{7}   1")
    }

    @Test func jsonHidesNothingFromATerminal() throws {
        let value = JSONValue.string("a\u{9b}2J\u{202e}\u{e0001}\nb")
        let text = try Rendering.text(value, .json)
        #expect(text == #""a\u009b2J\u202e\udb40\udc01\nb""# + "\n")
        #expect(JSONValue(parsing: text) == value)
    }

    /// PyYAML reads back what is written, for everything that a YAML 1.1 parser could take for something else.
    @Test func yamlIsReadBackByPyYAML() throws {
        let strings = [
            "", " ", "yes", "No", "null", "~", "1", "1.0", "1e3", "0x1f", "0o17", "012", "12:34:56", ".inf", "-", "- a",
            "a: b", "a #b", "#a", "a:", ":a", "{a", "[a", "\"q\"", "'q'", "back\\slash", "line\nline\n", "\ttab", "é",
            "日本", "\u{1f600}", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "\u{0}", "10.0.0.1", "10.0.0.0/24",
            "fd00::1",
            "fd00::/64", "2026-11-23", "2026-11-23T01:00:00Z", "docker.io/library/alpine:3.20", "=", "<<", "!t", "&a",
            "*a", "%a", "@a", "`a", "|", ">", "? a", "a,b", "(a)", "trailing ", "y", "on", "Off", "a]b", "/x", "e=",
        ]
        var members: [String: JSONValue] = [:]
        for string in strings { members["k" + string] = .string(string) }
        let value: JSONValue = .object([
            "strings": .array(strings.map(JSONValue.string)), "members": .object(members),
            "numbers": .array([
                .integer(0), .integer(-5), .integer(.max), .number(1.5), .number(1e300), .number(1e-9), .number(-2e20),
            ]),
            "nested": .array([
                .array([.array([.integer(1)]), .object(["a": .null, "b": .array([])])]), .object([:]), .bool(true),
                .object(["x": .object(["y": .array([.string("z")])])]),
            ]),
        ])
        let script = "import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read()), sys.stdout)"
        for value in [value, .string("no"), .array([]), .array([value])] {
            let result = try runProgram(
                "/usr/bin/env", ["python3", "-c", script], input: YAMLText.render(value))
            try #require(result.status == 0, "\(result.error)")
            #expect(JSONValue(parsing: result.output) == value)
        }
    }

    @Test func theRemarkWithoutADaemon() {
        let notRunning = ControlError.notRunning(socketPath: "/run/wgctl/wgd.sock")
        #expect(
            StateSource.remark(notRunning, lastSeen: ago(192), now: now)
                == "wgd has not been running for 3m12s (last seen 2026-11-23T00:56:48Z); showing the last recorded state"
        )
        #expect(
            StateSource.remark(notRunning, lastSeen: nil, now: now)
                == "\(notRunning); showing the last recorded state")
    }
}
