internal import NetAddress

/// Reads the output of iptables-save and ip6tables-save, as far as it decides about packets.
enum IptablesRules {
    /// - Parameter program: which variant printed it: `iptables-nft`, `ip6tables-legacy`.
    static func tables(_ text: String, program: String) -> [FilterTable] {
        let family: FilterTable.Family = program.hasPrefix("ip6") ? .ip6 : .ip
        var tables: [FilterTable] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("*") {
                tables.append(FilterTable(family: family, name: String(line.dropFirst()), program: program))
                continue
            }
            guard let index = tables.indices.last, priority(of: tables[index]) != nil else { continue }
            let words = words(of: line)
            if line.hasPrefix(":"), words.count >= 2 {
                let name = String(words[0].dropFirst())
                tables[index].chains[name] = FilterTable.Chain(
                    hook: words[1] == "-" ? nil : FilterTable.Hook(rawValue: name.lowercased()),
                    priority: priority(of: tables[index]) ?? 0, dropsByPolicy: words[1] == "DROP")
            } else if words.count > 2, words[0] == "-A" {
                var reader = IptablesRule(words: words.dropFirst(2))
                if let rule = reader.rule() { tables[index].chains[words[1]]?.rules.append(rule) }
            }
        }
        return tables
    }

    /// NF_IP_PRI_RAW, _MANGLE and _FILTER of linux/netfilter_ipv4.h; nil for a table that lets everything pass.
    private static func priority(of table: FilterTable) -> Int? {
        switch table.name {
        case "raw": -300
        case "mangle": -150
        case "filter": 0
        default: nil
        }
    }

    /// Splits a line into words, with quotes and backslashes as in a shell.
    private static func words(of line: Substring) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        var isEscaped = false
        for character in line {
            switch character {
            case _ where isEscaped:
                word = (word ?? "") + String(character)
                isEscaped = false
            case "\\": isEscaped = true
            case "\"":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}

/// One line of `-A CHAIN …`.
private struct IptablesRule {
    var words: ArraySlice<String>
    private var conditions: [RuleCondition] = []
    private var action: FilterTable.Action?

    init(words: ArraySlice<String>) { self.words = words }

    mutating func rule() -> FilterTable.Rule? {
        var isNegated = false
        while let word = words.popFirst() {
            if word == "!" {
                isNegated = true
                continue
            }
            take(word, isNegated: isNegated)
            isNegated = false
        }
        return action.map { FilterTable.Rule(conditions: conditions, action: $0) }
    }

    private mutating func take(_ option: String, isNegated: Bool) {
        switch option {
        case "-i": conditions.append(.input([pattern()], isNegated: isNegated))
        case "-o": conditions.append(.output([pattern()], isNegated: isNegated))
        case "-s": conditions.append(range().map { .source([$0], isNegated: isNegated) } ?? .unknown)
        case "-d": conditions.append(range().map { .destination([$0], isNegated: isNegated) } ?? .unknown)
        case "-p":
            let name = value()
            conditions.append(.transport([name == "icmpv6" ? "ipv6-icmp" : name], isNegated: isNegated))
        case "--dport", "--dports": conditions.append(ports().map { .port($0, isNegated: isNegated) } ?? .unknown)
        case "--ctstate", "--state":
            conditions.append(.state(list(), isNegated: isNegated))
        case "--dst-type": conditions.append(.destinationType(list(), isNegated: isNegated))
        case "--src-type", "--limit-iface-in", "--limit-iface-out": conditions.append(.unknown)
        case "--icmp-type", "--icmpv6-type": if !["8", "128"].contains(value()) { conditions.append(.unknown) }
        case "-m":
            // The options of these matches are handled above; other matches are not known.
            let known = ["comment", "conntrack", "state", "tcp", "udp", "icmp", "icmp6", "multiport", "addrtype"]
            if !known.contains(value()) { conditions.append(.unknown) }
        case "--comment", "--log-prefix", "--reject-with": _ = value()
        case "-j": action = jump(value())
        case "-g": action = .goTo(value())
        case "--notrack", "--zone", "--zone-orig", "--zone-reply": action = .untrack
        // Options after a target belong to the target.
        default: if action == nil, option.hasPrefix("-") { conditions.append(.unknown) }
        }
    }

    private func jump(_ target: String) -> FilterTable.Action {
        switch target {
        case "ACCEPT": .accept
        case "DROP", "REJECT": .drop
        case "RETURN": .leave
        case "NOTRACK": .untrack
        // A target that is no chain decides nothing: LOG, MARK, CT with other options.
        default: .jump(target)
        }
    }

    private mutating func value() -> String { words.popFirst() ?? "" }

    /// The values of a list, in lower case.
    private mutating func list() -> [String] { value().lowercased().split(separator: ",").map(String.init) }

    /// A pattern such as `wg+`, which is `wg*` in nftables.
    private mutating func pattern() -> String {
        let name = value()
        return name.hasSuffix("+") ? name.dropLast() + "*" : name
    }

    private mutating func range() -> CIDR? { CIDR(value()) }

    private mutating func ports() -> [ClosedRange<Int>]? {
        let ranges = value().split(separator: ",").map { part -> ClosedRange<Int>? in
            let bounds = part.split(separator: ":", omittingEmptySubsequences: false)
            guard let first = bounds.first, let last = bounds.last, let low = Int(first), let high = Int(last),
                low <= high
            else { return nil }
            return low...high
        }
        return ranges.contains(nil) ? nil : ranges.compactMap(\.self)
    }
}
