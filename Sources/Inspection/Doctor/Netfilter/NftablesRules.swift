internal import JSON
internal import NetAddress

/// Reads `nft -j list ruleset` (libnftables-json(5)), as far as it decides about packets.
enum NftablesRules {
    struct Unreadable: Error {}

    /// - Parameter besides: whether a table is left out: those of iptables-nft are read from iptables-save, which
    ///   prints more about its matches.
    static func tables(_ json: String, besides isLeftOut: (FilterTable) -> Bool) throws -> [FilterTable] {
        guard let items = try JSONValue(jsonText: json)["nftables"]?.items else { throw Unreadable() }
        var tables: [FilterTable] = []
        var sets: [String: JSONValue] = [:]
        for set in items.compactMap({ $0["set"] }) {
            if let key = key(of: set, "name"), let elements = set["elem"] { sets[key] = .object(["set": elements]) }
        }
        for table in items.compactMap({ $0["table"] }) {
            guard let family = table["family"]?.text.flatMap(FilterTable.Family.init), let name = table["name"]?.text
            else { continue }
            let filter = FilterTable(family: family, name: name)
            if !isLeftOut(filter) { tables.append(filter) }
        }
        for item in items {
            guard let object = item["chain"] ?? item["rule"],
                let index = tables.firstIndex(where: {
                    $0.family.rawValue == object["family"]?.text && $0.name == object["table"]?.text
                }), let name = (item["chain"] != nil ? object["name"] : object["chain"])?.text
            else { continue }
            if item["chain"] != nil {
                // A hook that is not checked here (postrouting, or one of the type route or nat) drops nothing.
                let isFilter = object["type"]?.text == "filter"
                tables[index].chains[name] = FilterTable.Chain(
                    hook: isFilter ? object["hook"]?.text.flatMap(FilterTable.Hook.init) : nil,
                    priority: object["prio"]?.integer.map(Int.init) ?? 0,
                    dropsByPolicy: object["policy"]?.text == "drop")
            } else {
                let reader = NftablesRule(sets: sets, table: "\(tables[index].family.rawValue) \(tables[index].name)")
                tables[index].chains[name]?.rules += reader.rules(object["expr"]?.items ?? [])
            }
        }
        return tables
    }

    private static func key(of object: JSONValue, _ field: String) -> String? {
        guard let family = object["family"]?.text, let table = object["table"]?.text, let name = object[field]?.text
        else { return nil }
        return "\(family) \(table) \(name)"
    }
}

/// One rule of nftables.
struct NftablesRule {
    /// Elements of the named sets, by `FAMILY TABLE NAME`.
    let sets: [String: JSONValue]
    let table: String

    /// One rule, or one for each entry of a verdict map.
    func rules(_ statements: [JSONValue]) -> [FilterTable.Rule] {
        var conditions: [RuleCondition] = []
        var rules: [FilterTable.Rule] = []
        for statement in statements {
            guard case .object(let fields) = statement, let (name, value) = fields.first else { continue }
            switch name {
            case "match": conditions += self.conditions(value)
            case "xt": if let rule = xtables(value, &conditions) { rules.append(rule) }
            case "vmap": rules += verdictMap(value, conditions)
            case "limit": conditions.append(.unknown)
            case "notrack": rules.append(FilterTable.Rule(conditions: conditions, action: .untrack))
            case "mangle":
                if value["key"]?["ct"]?["key"]?.text == "zone" {
                    rules.append(FilterTable.Rule(conditions: conditions, action: .untrack))
                }
            default: if let action = action(name, value) { rules.append(.init(conditions: conditions, action: action)) }
            }
        }
        return rules
    }

    private func action(_ name: String, _ value: JSONValue) -> FilterTable.Action? {
        switch name {
        case "accept": .accept
        case "drop", "reject": .drop
        case "return": .leave
        case "jump": value["target"]?.text.map { .jump($0) }
        case "goto": value["target"]?.text.map { .goTo($0) }
        default: nil
        }
    }

    /// A statement in the format of iptables-nft: without iptables-save, only the names of its matches are known.
    private func xtables(_ value: JSONValue, _ conditions: inout [RuleCondition]) -> FilterTable.Rule? {
        switch (value["type"]?.text, value["name"]?.text) {
        case ("target", "REJECT"): return FilterTable.Rule(conditions: conditions, action: .drop)
        case ("target", "CT"): return FilterTable.Rule(conditions: conditions, action: .untrack)
        case ("match", "comment"), ("target", _): return nil
        default:
            conditions.append(.unknown)
            return nil
        }
    }

    private func verdictMap(_ value: JSONValue, _ conditions: [RuleCondition]) -> [FilterTable.Rule] {
        let entries = value["data"].flatMap { resolved($0) }?["set"]?.items ?? []
        return entries.compactMap { entry in
            guard let pair = entry.items, pair.count == 2, let key = value["key"],
                case .object(let verdict) = pair[1], let (name, target) = verdict.first,
                let action = action(name, target)
            else { return nil }
            let match: JSONValue = .object(["op": .string("=="), "left": key, "right": pair[0]])
            return FilterTable.Rule(conditions: conditions + self.conditions(match), action: action)
        }
    }

    private func conditions(_ match: JSONValue) -> [RuleCondition] {
        guard let left = match["left"], let right = match["right"].flatMap(resolved) else { return [.unknown] }
        let isNegated = match["op"]?.text == "!="
        guard isNegated || ["==", "in"].contains(match["op"]?.text) else { return [.unknown] }
        let values = right["set"]?.items ?? right.items ?? [right]
        if let fields = left["concat"]?.items {
            // With one element, each of its parts is a condition; with several, any one may match, which is not
            // evaluated here.
            guard !isNegated, values.count == 1, let parts = values[0]["concat"]?.items, parts.count == fields.count
            else { return [.unknown] }
            return zip(fields, parts).map { condition($0, [$1], isNegated: false) }
        }
        let asked = condition(left, values, isNegated: isNegated)
        switch left["payload"]?["protocol"]?.text {
        case "ip", "icmp": return [.family(.v4), asked]
        case "ip6", "icmpv6": return [.family(.v6), asked]
        default: return [asked]
        }
    }

    private func condition(_ left: JSONValue, _ values: [JSONValue], isNegated: Bool) -> RuleCondition {
        let texts = values.compactMap(\.text)
        let areTexts = texts.count == values.count
        if let key = left["meta"]?["key"]?.text, areTexts {
            switch key {
            case "iifname", "iif": return .input(texts, isNegated: isNegated)
            case "oifname", "oif": return .output(texts, isNegated: isNegated)
            case "l4proto": return .transport(texts, isNegated: isNegated)
            case "nfproto" where texts.count == 1 && !isNegated: return .family(texts[0] == "ipv4" ? .v4 : .v6)
            default: return .unknown
            }
        }
        // A packet without address translation has none of the states of ct status.
        if let key = left["ct"]?["key"]?.text, ["state", "status"].contains(key), areTexts {
            return .state(texts, isNegated: isNegated)
        }
        if left["fib"]?["result"]?.text == "type", left["fib"]?["flags"] == .array([.string("daddr")]), areTexts {
            return .destinationType(texts, isNegated: isNegated)
        }
        guard let field = left["payload"]?["field"]?.text, let layer = left["payload"]?["protocol"]?.text
        else { return .unknown }
        switch (layer, field) {
        case ("ip", "saddr"), ("ip6", "saddr"):
            return ranges(values).map { .source($0, isNegated: isNegated) } ?? .unknown
        case ("ip", "daddr"), ("ip6", "daddr"):
            return ranges(values).map { .destination($0, isNegated: isNegated) } ?? .unknown
        case ("ip", "protocol"), ("ip6", "nexthdr"):
            return areTexts ? .transport(texts, isNegated: isNegated) : .unknown
        case ("udp", "dport"), ("th", "dport"): return ports(values).map { .port($0, isNegated: isNegated) } ?? .unknown
        case ("icmp", "type"), ("icmpv6", "type"):
            return texts.contains("echo-request") && !isNegated
                ? .transport([layer == "icmp" ? "icmp" : "ipv6-icmp"], isNegated: false) : .unknown
        case ("tcp", _), ("sctp", _), ("dccp", _): return .transport([layer], isNegated: false)
        default: return .unknown
        }
    }

    /// The elements of a named set, as an anonymous one; nil when they are not known.
    private func resolved(_ value: JSONValue) -> JSONValue? {
        guard let name = value.text, name.hasPrefix("@") else { return value }
        return sets["\(table) \(name.dropFirst())"]
    }

    private func ranges(_ values: [JSONValue]) -> [CIDR]? {
        let ranges = values.map { value -> CIDR? in
            if let text = value.text {
                return IPAddress(text).map { CIDR(containing: $0, prefixLength: $0.family.bitWidth) }
            }
            guard let address = value["prefix"]?["addr"]?.text.flatMap({ IPAddress($0) }),
                let length = value["prefix"]?["len"]?.integer
            else { return nil }
            return CIDR(containing: address, prefixLength: Int(length))
        }
        return ranges.contains(nil) ? nil : ranges.compactMap(\.self)
    }

    private func ports(_ values: [JSONValue]) -> [ClosedRange<Int>]? {
        let ports = values.map { value -> ClosedRange<Int>? in
            if let number = value.integer { return Int(number)...Int(number) }
            guard let bounds = value["range"]?.items?.compactMap(\.integer), bounds.count == 2, bounds[0] <= bounds[1]
            else { return nil }
            return Int(bounds[0])...Int(bounds[1])
        }
        return ports.contains(nil) ? nil : ports.compactMap(\.self)
    }
}

extension JSONValue {
    fileprivate var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}
