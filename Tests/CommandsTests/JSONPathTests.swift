import JSON
import Testing

@testable import Commands

/// Templates and columns, as kubectl's documentation shows them.
struct JSONPathTests {
    private let list: JSONValue = [
        "kind": "List",
        "items": .array([
            [
                "metadata": ["name": "a", "labels": ["example.org/site": "x"]],
                "status": ["ready": "True", "count": 3, "tags": .array(["p", "q", "r"])],
            ],
            ["metadata": ["name": "b"], "status": ["ready": "False", "count": 10]],
        ]),
    ]

    @Test(arguments: [
        ("{.items[*].metadata.name}", "a b"), (".items[0].metadata.name", "a"), ("{.items[-1].metadata.name}", "b"),
        ("{.items[0:1].metadata.name}", "a"), ("{$.kind}", "List"), ("{.nothing}", ""), ("{['kind']}", "List"),
        ("{..name}", "a b"), ("{.items[0].status.tags[1:]}", "q r"),
        ("{.items[0].metadata.labels.example\\.org/site}", "x"),
        ("{.items[?(@.status.ready==\"True\")].metadata.name}", "a"),
        ("{.items[?(@.status.ready!='True')].metadata.name}", "b"),
        ("{.items[?(@.status.count>3)].metadata.name}", "b"), ("{.items[?(@.status.count >= 3)].metadata.name}", "a b"),
        ("{.items[?(@.status.tags)].metadata.name}", "a"), ("{.items[1].status}", #"{"count":10,"ready":"False"}"#),
        ("names: {.items[*].metadata.name}!", "names: a b!"),
        (#"{range .items[*]}{.metadata.name}{"\t"}{.status.count}{"\n"}{end}"#, "a\t3\nb\t10\n"),
        ("{.items[*]['metadata'].name}", "a b"),
    ])
    func templates(_ template: String, _ text: String) throws {
        #expect(try JSONPathTemplate(template).text(of: list) == text)
    }

    @Test(arguments: [
        "{", "{.a", "{.a]}", "{range .items[*]}{.a}", "{end}", "{.items[}", "{.items[?(a)]}", "{.a b}", "{..}",
    ])
    func badTemplates(_ template: String) {
        #expect(throws: JSONPathParser.ParseError.self) { try JSONPathTemplate(template) }
    }

    @Test func columns() throws {
        let columns = try CustomColumns("NAME:.metadata.name,TAGS:{.status.tags[*]}")
        #expect(
            columns.table(list["items"]?.items ?? []).lines() == ["NAME   TAGS", "a      p,q,r", "b      <none>"])
        #expect(throws: JSONPathParser.ParseError.self) { try CustomColumns("NAME") }
        #expect(throws: JSONPathParser.ParseError.self) { try CustomColumns("NAME:") }
    }

    @Test func waitedEvents() throws {
        #expect(try WaitedEvent("condition=Ready") == .condition(type: "Ready", status: "True"))
        #expect(try WaitedEvent("condition=Ready=False") == .condition(type: "Ready", status: "False"))
        #expect(try WaitedEvent("delete") == .deleted)
        for text in ["", "ready", "condition", "delete=1", "condition=a=b=c"] {
            #expect(throws: (any Error).self) { try WaitedEvent(text) }
        }
        #expect(try WaitedEvent.duration("90s") == .seconds(90))
        #expect(try WaitedEvent.duration("2m") == .seconds(120))
        #expect(try WaitedEvent.duration("7") == .seconds(7))
        for text in ["", "s", "-1s", "1x", "1.5m"] {
            #expect(throws: (any Error).self) { try WaitedEvent.duration(text) }
        }
    }

    @Test func joinedOptions() {
        #expect(JoinedOptions.split(["get", "no", "-ojson", "-la=b"]) == ["get", "no", "-o", "json", "-l", "a=b"])
        #expect(JoinedOptions.split(["get", "-o", "json", "-o=json"]) == ["get", "-o", "json", "-o=json"])
        #expect(JoinedOptions.split(["exec", "web", "--", "ls", "-la"]) == ["exec", "web", "--", "ls", "-la"])
    }

    @Test func mistypedCommands() {
        #expect(CommandSuggestion.text(for: ["gte", "nodes"])?.contains("did you mean get?") == true)
        #expect(CommandSuggestion.text(for: ["zzzzzz"])?.contains("commands: adopt, check") == true)
        for words in [["get"], ["ping", "a"], ["--version"], ["help"], []] {
            #expect(CommandSuggestion.text(for: words) == nil, "\(words)")
        }
    }
}
