import Foundation
import JSON
import NetAddress
import ReferenceLiterals
import Resources
import Testing
import UnixHTTP

@testable import ControlAPI

/// Pages, selectors and tokens.
struct ObjectQueryTests {
    private func node(_ index: Int, ready: Condition.Status = .true) -> ResourceReport {
        let name = "n" + String(format: "%04d", index)
        let acceptance = Acceptance(
            key: ResourceKey(.node, name), location: SourceLocation(file: "a.yaml", line: 1, column: 1), status: .true,
            reason: Reason.accepted, message: "", generation: 1,
            json: #"{"metadata":{"labels":{"site":"\#(index % 2)"}},"spec":{"overlays":[{"name":"net"}]}}"#)
        let condition = Condition(
            type: .ready, status: ready, reason: "R", message: "", lastTransitionTime: at(0), observedGeneration: 1)
        return ResourceReport(acceptance, conditions: [condition])
    }

    private func report(_ count: Int) throws -> StatusReport {
        var report = try sampleReport()
        report.nodes = (0..<count).map { node($0, ready: $0 % 5 == 0 ? .false : .true) }
        return report
    }

    /// The names of all pages, and how many pages there were.
    private func names(_ query: ObjectQuery, _ report: StatusReport) -> (names: [String], pages: Int) {
        var (query, names, pages) = (query, [String](), 0)
        repeat {
            let page = query.page(of: report.entries(query.kind))
            names += page.objects.map(\.name)
            pages += 1
            query.after = page.next
        } while query.after != nil
        return (names, pages)
    }

    @Test(arguments: [0, 1, 7, 10, 11])
    func pagesAreTheWhole(_ count: Int) throws {
        let report = try report(count)
        for limit in [1, 3, 10, 500] {
            let (names, pages) = names(ObjectQuery(.nodes, limit: limit), report)
            #expect(names == report.nodes.map(\.metadata.name))
            #expect(pages == max(1, (count + limit - 1) / limit))
        }
    }

    /// Nothing is listed twice, and nothing that was there all the time is left out.
    @Test func objectsThatComeAndGoBetweenPagesLeaveTheOthersWhereTheyAre() throws {
        var report = try report(9)
        var query = ObjectQuery(.nodes, limit: 3)
        var names = query.page(of: report.entries(.nodes)).objects.map(\.name)
        query.after = query.page(of: report.entries(.nodes)).next
        report.nodes.removeAll { ["n0001", "n0002", "n0004"].contains($0.metadata.name) }
        report.nodes.append(node(0))
        query.limit = 500
        names += query.page(of: report.entries(.nodes)).objects.map(\.name)
        #expect(names == ["n0000", "n0001", "n0002", "n0003", "n0005", "n0006", "n0007", "n0008"])
    }

    @Test func selectorsHoldForEveryPage() throws {
        let report = try report(20)
        let ready = try FieldSelector("ready!=True", kind: .nodes)
        #expect(
            names(ObjectQuery(.nodes, fields: ready, limit: 2), report).names == ["n0000", "n0005", "n0010", "n0015"])
        let labels = try LabelSelector("site=1")
        #expect(names(ObjectQuery(.nodes, labels: labels, fields: ready), report).names == ["n0005", "n0015"])
        #expect(names(ObjectQuery(.nodes, names: ["n0003", "n9"]), report).names == ["n0003"])
        let overlay = try FieldSelector("overlay=net,metadata.name=n0007", kind: .nodes)
        #expect(names(ObjectQuery(.nodes, fields: overlay), report).names == ["n0007"])
    }

    @Test(arguments: [
        ("ready", "is not a field selector"), ("colour=red", "only by name, node, overlay, ready"),
        ("spec.site.name=x", "cannot be selected by"), ("", "is not a field selector"),
    ])
    func badFieldSelectors(_ text: String, _ reason: String) throws {
        let error = #expect(throws: FieldSelector.ParseError.self) { try FieldSelector(text, kind: .nodes) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func aQueryComesBackFromItsTarget() throws {
        var query = ObjectQuery(
            .containers, names: ["a", "host-a/b"], labels: try LabelSelector("app in (web,db),!x"),
            fields: try FieldSelector("node=host-a", kind: .containers), limit: 7)
        query.after = ObjectKey("host-a", "b")
        query.showsLabels = true
        let request = HTTPRequest(target: query.target(["as": "table"]))
        #expect(try ObjectQuery(path: request.path, items: request.query) == query)
        #expect(request.query["as"] == "table")
        #expect(throws: ObjectQuery.ParseError.self) { try ObjectQuery(path: "/v1/objects/secrets", items: [:]) }
        #expect(throws: ObjectQuery.ParseError.self) {
            try ObjectQuery(path: "/v1/objects/nodes", items: ["limit": "0"])
        }
        #expect(throws: ObjectQuery.ParseError.self) {
            try ObjectQuery(path: "/v1/objects/nodes", items: ["continue": "%"])
        }
        #expect(try ObjectQuery(path: "/v1/objects/nodes", items: ["limit": "9999"]).limit == ObjectQuery.pageLimit)
    }

    @Test func containersAreOrderedByNodeFirstAndRoutesByNumber() throws {
        #expect(ObjectKey("host-a", "z") < ObjectKey("host-a-b", "a"))
        let routes = try ["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/24", "fd00::/8"].map { try #require(CIDR($0)) }
        let keys = routes.map { ObjectKey($0, "wg0") }
        #expect(keys == keys.sorted())
        #expect(routes == routes.sorted())
    }

    @Test func everyObjectHasMetadataSpecAndStatus() throws {
        let report = try sampleReport()
        let peer = try #require(report.entries(.peers).all.first)
        let json = try peer.json()
        #expect(json["metadata"] == ["name": "host-b"])
        #expect(json["spec"]?["overlay"] == "overlay-net" && json["status"]?["reason"] == "Ready")
        #expect(try ListedObject(json: json) == peer)
        // What a newer wgd adds is no reason to fail.
        guard case .object(var members) = json, case .object(var status)? = members["status"] else {
            Issue.record("no object")
            return
        }
        status["brandNew"] = 1
        members["status"] = .object(status)
        #expect(try ListedObject(json: .object(members)) == peer)
    }

    @Test(arguments: [("0.9.0", "0.10.0", -1), ("1.0", "1.0.0", 0), ("2.0", "1.9.9", 1)])
    func versionsCompareByNumber(_ a: String, _ b: String, _ order: Int) {
        #expect(ProgramVersion.compare(a, b) == order)
    }

    @Test func theOlderSideIsNamed() {
        func text(_ version: String) -> String {
            ControlError.otherRelease(socketPath: "/run/wgd.sock", daemon: version).description
        }
        #expect(text("0.0.9").contains("wgd is older; restart it"))
        #expect(text("99.0").contains("this wgctl is older"))
        #expect(text(ProgramVersion.current).contains("of another build"))
    }
}
