internal import HostState
internal import JSON

/// Our table as libnftables' JSON (libnftables-json(5)): the document to write, and the reference for a listing.
enum TableDocument {
    static let chain = "forward"

    /// The desired table, which replaces any existing one: the first `add` ensures that there is one to delete.
    static func replacing(with desired: DesiredFirewall) -> JSONValue {
        document(
            [["add": ["table": table]], ["delete": ["table": table]], ["add": ["table": table]]]
                + [["add": ["chain": .object(base.merging(hook) { base, _ in base })]]]
                + desired.clampedInterfaces.flatMap(rules).map { rule in ["add": ["rule": rule]] })
    }

    static let deleting = document([["add": ["table": table]], ["delete": ["table": table]]])

    private static func document(_ commands: [JSONValue]) -> JSONValue { ["nftables": .array(commands)] }

    private static let table: JSONValue = ["family": "inet", "name": .string(DesiredFirewall.table)]
    private static let base: [String: JSONValue] = [
        "family": "inet", "table": .string(DesiredFirewall.table), "name": .string(chain),
    ]
    /// Priority mangle: before anything filters.
    static let hook: [String: JSONValue] = ["type": "filter", "hook": "forward", "prio": -150, "policy": "accept"]

    private static func rules(_ interface: String) -> [JSONValue] {
        directions.map { direction in
            [
                "family": "inet", "table": .string(DesiredFirewall.table), "chain": .string(chain),
                "comment": .string(OwnershipMark.ruleComment), "expr": .array(clamp(direction, interface)),
            ]
        }
    }

    static let directions = ["iifname", "oifname"]

    /// `iifname "wg0" tcp flags syn tcp option maxseg size set rt mtu`. The kernel only ever reduces the size, and uses
    /// the smaller one of the routes to both ends.
    static func clamp(_ direction: String, _ interface: String) -> [JSONValue] {
        [
            ["match": ["op": "==", "left": ["meta": ["key": .string(direction)]], "right": .string(interface)]],
            ["match": ["op": "in", "left": ["payload": ["protocol": "tcp", "field": "flags"]], "right": "syn"]],
            [
                "mangle": [
                    "key": ["tcp option": ["name": "maxseg", "field": "size"]], "value": ["rt": ["key": "mtu"]],
                ]
            ],
        ]
    }
}
