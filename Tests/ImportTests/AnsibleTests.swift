import Manifest
import NetAddress
import Testing

@testable import Import

@Suite struct AnsibleTests {
    private func run(_ texts: [String: String], inventory: String? = nil, group: String? = nil) throws -> Imported {
        let files = texts.map { ManifestFile(path: $0.key, contents: .bytes(Array($0.value.utf8))) }
        return try AnsibleImport.run(files, prefix: "", inventory: inventory, group: group)
    }

    private func failure(_ texts: [String: String]) -> String {
        do {
            _ = try run(texts)
            return "imported"
        } catch { return "\(error)" }
    }

    /// One line stands for three hosts: the report names them.
    @Test func hostsThatShareAnAddressAreNamed() throws {
        let report = try run([
            "hosts": "db[01:05:2] wireguard_address=10.21.0.9/24\nweb wireguard_address=10.21.0.9/24\n"
        ])
        .report.map(\.description).filter { $0.contains("wireguard_address:") }
        #expect(
            report == [
                "hosts:1:13: wireguard_address: db03 would have 10.21.0.9, which db01 has by this very line, give db03 another "
                    + "address in spec.overlays[0].addresses",
                "hosts:1:13: wireguard_address: db05 would have 10.21.0.9, which db01 has by this very line, give db05 another "
                    + "address in spec.overlays[0].addresses",
                "hosts:2:5: wireguard_address: web would have 10.21.0.9, which db01 has at hosts:1:13, give web another "
                    + "address in spec.overlays[0].addresses",
            ])
    }

    /// wgd looks for the first label of the host's name.
    @Test func hostsThatFindNoNodeByTheirNameAreTold() throws {
        let hosts =
            ["a.x.example wireguard_address=10.0.0.1/24", "a.y.example wireguard_address=10.0.0.2/24"]
            + ["B_c.example wireguard_address=10.0.0.3/24", "d.example wireguard_address=10.0.0.4/24"]
        let report = try run(["hosts": hosts.joined(separator: "\n")]).report.filter { $0.path == "metadata.name" }
        #expect(report.map(\.line) == [1, 2, 3])
        #expect(
            report.map(\.remedy)
                == ["a-x-example", "a-y-example", "b-c"].map {
                    "set WGD_NODE=\($0) on that host, in /etc/default/wgd"
                })
    }

    /// The refusal does not swallow why.
    @Test func templatesAreReportedWithTheRefusal() {
        let text = failure(["hosts.yml": "all: {hosts: {a: {wireguard_address: \"{{ net }}.1/24\"}}}"])
        #expect(text.hasPrefix("hosts.yml:1:19: wireguard_address: is a template, write its value"))
        #expect(text.contains("\nno host has an address in what was given"))
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstLine() throws {
        let imported = try run(["hosts.ini": "\u{feff}[vpn]\r\nnode-1 wireguard_address=10.78.0.1/24\r\n"])
        #expect(imported.files.map(\.name) == ["overlay-wg0.yaml", "node-1.yaml"])
        #expect(!imported.report.contains { $0.reason.contains("range of hosts") })
    }

    /// `inventory/` with a file of another name, and group_vars beside the playbooks.
    @Test func anInventoryByAnotherNameIsFoundOrNamed() throws {
        let host = "web wireguard_address=10.21.0.1/24\n"
        let variables = ["group_vars/all.yml": "wireguard_port: 51999\n", "inventory/README.md": "# x\n"]
        let one = try run(variables.merging(["inventory/production.ini": host]) { $1 })
        #expect(one.stream.contains("listenPort: 51999"))
        let text = failure(variables.merging(["inventory/production.ini": host, "inventory/staging.ini": host]) { $1 })
        #expect(text.hasSuffix("name one of inventory/production.ini, inventory/staging.ini"))
    }

    @Test(arguments: [
        ("web1", ["web1"]), ("web[01:03].example", ["web01.example", "web02.example", "web03.example"]),
        ("web[8:10]", ["web8", "web9", "web10"]), ("db-[a:c]:2222", ["db-a", "db-b", "db-c"]),
        ("n[1:5:2]", ["n1", "n3", "n5"]), ("n[:1]", ["n0", "n1"]), ("r[1:2]-[x:y]", ["r1-x", "r1-y", "r2-x", "r2-y"]),
        ("192.0.2.1:22", ["192.0.2.1"]), ("2001:db8::1", ["2001:db8::1"]), ("[2001:db8::1]:22", ["2001:db8::1"]),
    ])
    func patternsStandForHosts(_ pattern: String, _ hosts: [String]) {
        #expect(expanded(pattern) == hosts)
    }

    private func expanded(_ pattern: String, budget: Int = HostPattern.limit) -> [String]? {
        var budget = budget
        return try? HostPattern.hosts(pattern, budget: &budget)
    }

    @Test(arguments: [
        "a[3:1]", "a[1:]", "a[01:100]", "a[1]", "a[1:2:0]", "a[1:9999999999]", "a[1:900][1:900]", "a[z:a]",
    ])
    func badRangesAreNone(_ pattern: String) {
        #expect(expanded(pattern) == nil)
    }

    /// The way back from each range was a call in the other: twenty thousand of them ended the program.
    @Test func manyRangesCostNoStack() {
        let ranges = String(repeating: "[a:a]", count: 200)
        #expect(expanded("h" + ranges) == ["h" + String(repeating: "a", count: 200)])
        #expect(expanded("h" + String(repeating: "[a:a]", count: 20_000)) == nil, "no host has such a name")
        let deep = (0..<20_000).map { "[g\($0):children]\ng\($0 + 1)\n" }.reversed().joined()
        let lines = "[g0]\nh wireguard_address=10.0.0.1/24\n" + deep
        let report = (try? run(["hosts": lines]))?.report.map(\.description) ?? []
        #expect(report.contains { $0.contains("the inventory has more than 4096 groups") })
    }

    /// Each line alone is within the limit; all together are not.
    @Test func rangesHaveOneLimitTogether() throws {
        let lines = (0..<4).map { "[g\($0)]\nh[000001:040000] wireguard_address=10.0.0.1/24\n" }.joined()
        let imported = try run(["hosts": "one wireguard_address=10.0.0.1/24\n[huge]\nh[000001:999999]\n[all:vars]\n"])
        #expect(imported.files.map(\.name) == ["overlay-wg0.yaml", "one.yaml"])
        #expect(
            imported.report.map(\.description).contains {
                $0.hasPrefix(
                    "hosts:3:1: \"h[000001:999999]\" makes more than 65536 hosts of all ranges together, split")
            })
        var inventory = AnsibleInventory()
        var report = Report()
        var reader = INIInventory(file: "hosts")
        reader.read(lines, into: &inventory, &report)
        #expect(inventory.hostNames.count == 40_000 && report.lines.count == 3)
    }

    /// A host's name becomes that of a file.
    @Test func aPathIsNoHost() throws {
        let names = ["../../../../x", "/etc/x", "a/b", "...", "'.. /x'"]
        let lines = names.enumerated().map { "\($1) wireguard_address=10.0.0.\($0 + 10)/24\n" }.joined()
        let imported = try run([
            "hosts": "web wireguard_address=10.0.0.1/24\n..web2 wireguard_address=10.0.0.2/24\n" + lines
        ])
        #expect(imported.files.map(\.name) == ["overlay-wg0.yaml", "web.yaml", "web2.yaml"])
        let report = imported.report.map(\.description).filter { $0.contains("it is left out") }
        #expect(report.count == names.count, "\(report)")
        #expect(report.contains { $0.hasPrefix("hosts:3:1: \"../../../../x\" is a path, not the name of a host") })
        let yaml = "all: {hosts: {../x: {wireguard_address: 10.0.0.1/24}, b: {wireguard_address: 10.0.0.2/24}}}"
        #expect(try run(["hosts.yml": yaml]).files.map(\.name) == ["overlay-wg0.yaml", "b.yaml"])
    }

    @Test func endpointsThatNoOtherHostReachesAreLeftOut() throws {
        let lines = ["127.0.0.1", "localhost", "255.255.255.255", "wg_server"].enumerated().map {
            "n\($0) wireguard_address=10.0.0.\($0 + 1)/24 wireguard_endpoint=\($1)\n"
        }.joined()
        let imported = try run(["hosts": lines])
        #expect(!imported.stream.contains("endpoint:"))
        let report = imported.report.map(\.reason).filter { $0.contains("is not where other hosts reach this one") }
        #expect(
            report == [
                "\"127.0.0.1\" is not where other hosts reach this one: 127.0.0.1 is each host itself (loopback)",
                "\"localhost\" is not where other hosts reach this one: localhost is each host itself",
                "\"255.255.255.255\" is not where other hosts reach this one: 255.255.255.255 is the broadcast address",
                "\"wg_server\" is not where other hosts reach this one: it has the character _",
            ])
    }

    /// `all` < groups of the inventory < group_vars/all < group_vars, the deepest last < the host's line < host_vars.
    @Test func variablesOverrideEachOtherAsInAnsible() throws {
        var texts = [
            "hosts":
                "[all:vars]\nwireguard_port=1001\n[inner]\nh wireguard_address=10.0.0.1/24\n[outer:children]\ninner\n"
        ]
        func port() throws -> String {
            let text = try #require(try run(texts).files.first?.text.split(separator: "listenPort: ").last)
            return String(text.prefix(4))
        }
        #expect(try port() == "1001")
        texts["hosts"]? += "[outer:vars]\nwireguard_port=1002\n"
        #expect(try port() == "1002")
        texts["hosts"]? += "[inner:vars]\nwireguard_port = \"1003\"\n"
        #expect(try port() == "1003")
        texts["group_vars/all.yml"] = "wireguard_port: 1004"
        #expect(try port() == "1004")
        texts["group_vars/outer/a.yml"] = "wireguard_port: 1005"
        #expect(try port() == "1005")
        texts["group_vars/inner.yaml"] = "wireguard_port: 1006"
        #expect(try port() == "1006")
        texts["hosts"] = texts["hosts"]?.replacing("h wire", with: "h wireguard_port=1007 wire")
        #expect(try port() == "1007")
        texts["host_vars/h"] = "wireguard_port: 1008"
        #expect(try port() == "1008")
    }

    @Test func aMarkOfOneHostIsNotSpread() throws {
        let lines = "a wireguard_address=10.0.0.1/24 wireguard_fwmark=7\nb wireguard_address=10.0.0.2/24\n"
        let imported = try run(["hosts": lines + "c wireguard_address=10.0.0.3/24 wireguard_fwmark=''\n"])
        #expect(!imported.stream.contains("fwmark"))
        let marks = imported.report.map(\.description).filter { $0.contains("fwmark") }
        #expect(marks.count == 1 && marks[0].contains("wireguard_fwmark: 7 differs from off at hosts:2:1"), "\(marks)")
    }

    @Test func siblingsGoByPriorityThenByName() throws {
        let lines =
            "[a]\nh wireguard_address=10.0.0.1/24\n[b]\nh\n[a:vars]\nwireguard_port=1001\n[b:vars]\nwireguard_port=1002\n"
        #expect(try run(["hosts": lines]).stream.contains("listenPort: 1002"))
        let first = lines.replacing("[b:vars]", with: "ansible_group_priority=2\n[b:vars]")
        #expect(try run(["hosts": first]).stream.contains("listenPort: 1001"))
    }

    @Test func aGroupLimitsTheHosts() throws {
        let hosts = "[one]\na wireguard_address=10.0.0.1/24\n[two]\nb wireguard_address=10.0.1.1/24\n"
        #expect(try run(["hosts": hosts], group: "two").files.map(\.name) == ["overlay-wg0.yaml", "b.yaml"])
        #expect(try run(["prod.ini": hosts], inventory: "prod.ini", group: "one").files.map(\.name).last == "a.yaml")
        #expect(throws: ImportFailure.self) { try run(["hosts": hosts], group: "three") }
    }

    @Test func namesKeepTheirDomainsWhereTheyMust() throws {
        let hosts = ["web.a.example", "web.b.example", "DB_1.a.example", "192.0.2.1", "web-a-example"].enumerated()
            .map { "\($1) wireguard_address=10.0.0.\($0 + 1)/24\n" }.joined()
        #expect(
            try run(["hosts": hosts]).files.dropFirst().map(\.name) == [
                "192-0-2-1.yaml", "db-1.yaml", "web-a-example.yaml", "web-a-example-2.yaml", "web-b-example.yaml",
            ])
    }

    @Test func programsAndForeignInventoriesAreRefusedWithTheWayOut() throws {
        func failure(_ texts: [String: String]) -> String {
            do {
                _ = try run(texts)
                return "imported"
            } catch { return "\(error)" }
        }
        #expect(failure([:]).hasPrefix(".: there is no inventory"))
        #expect(failure(["hosts": "#!/bin/sh\n"]).contains("ansible-inventory --list --yaml"))
        #expect(failure(["hosts.yml": "plugin: aws_ec2\n"]).contains("ansible-inventory --list --yaml"))
        #expect(failure(["hosts": "web1 wg_ip=10.0.0.1\n"]).contains("no host has any of wireguard_address,"))
        #expect(failure(["hosts.yml": "- a\n"]).contains("no host has any of"))
        #expect(failure(["hosts.yml": "a: ["]).contains("hosts.yml:1:5: YAML syntax error"))
    }
}
