import ControlAPI
import JSON
import NetAddress
import Resources
import Testing

/// Pure parts of the report: what is recorded, its JSON, the metrics.
struct StatusReportTests {
    @Test func whatMovesInAnUnchangedWorldIsNotRecorded() throws {
        let report = try sampleReport()
        var later = report
        later.counters = Counters(reconciles: 6)
        later.peers[0].receivedBytes += 100
        later.peers[0].transmittedBytes += 100
        later.peers[0].latestHandshake = at(5000)
        later.peers[0].lastRoundTrip = 1
        later.peers[0].lastProbeTime = at(5000)
        let text = try report.recordedText()
        #expect(try later.recordedText() == text)
        later.peers[0].endpoint = "192.168.1.21:51820"
        #expect(try later.recordedText() != text)
        #expect(try StatusReport(recordedText: text) == report.recordable())
    }

    @Test func aResourceKeepsItsManifestsShape() throws {
        let node = try #require(try sampleReport().nodes.first)
        #expect(node.metadata.labels == ["site": "a"])
        #expect(node.metadata.annotations == ["wgctl.dev/source": "a.yaml:1:1"])
        #expect(node.spec?["endpoint"]?.text == "192.168.1.10")
        #expect(node.status.observedGeneration == 3)
        let json = try JSONValue(encoding: node)
        #expect(json["kind"]?.text == "Node")
        #expect(json["apiVersion"]?.text == "wgctl.dev/v1alpha1")
    }

    @Test func jsonValuesKeepTheirTypes() throws {
        let text = #"{"a":[1,1.5,"1",true,null,{}],"b":9007199254740993}"#
        let value = try #require(JSONValue(parsing: text))
        #expect(value["a"]?.items == [.integer(1), .number(1.5), .string("1"), .bool(true), .null, .object([:])])
        #expect(value["b"] == .integer(9_007_199_254_740_993))
        #expect(JSONValue(parsing: "{") == nil)
    }

    @Test func metricsCountAndKeepKeysAndEndpointsBack() throws {
        let metrics = HostMetrics(
            summary: try sampleReport().summary, resources: [.init(kind: "Node", ready: .true): 1],
            peers: [.init(node: "host-b", overlay: "overlay-net", receivedBytes: 10, transmittedBytes: 20)])
        let text = MetricsText.render(metrics)
        #expect(text.contains("wgctl_writes_total{backend=\"kernel\"} 9\nwgctl_writes_total{backend=\"podman\"} 2\n"))
        #expect(text.contains("wgctl_errors_total{backend=\"podman\"} 1\n"))
        #expect(text.contains("wgctl_resources{kind=\"Node\",ready=\"True\"} 1\n"))
        #expect(text.contains("wgctl_peer_receive_bytes_total{node=\"host-b\",overlay=\"overlay-net\"} 10\n"))
        #expect(text.contains("# TYPE wgctl_reconciles_total counter\nwgctl_reconciles_total 5\n"))
        #expect(text.contains("wgctl_file_errors 0\n"))
    }

    @Test func metricsOfPeersAndContainers() throws {
        var silent = HostMetrics.Peer(node: "host-b", overlay: "net", receivedBytes: 0, transmittedBytes: 20)
        (silent.ready, silent.probes, silent.lostProbes) = (.false, 9, 4)
        var answering = HostMetrics.Peer(node: "host-c", overlay: "net", receivedBytes: 10, transmittedBytes: 20)
        (answering.ready, answering.latestHandshake, answering.roundTrip) = (.true, 1_700_000_000, 0.0004)
        answering.lastProbe = 1_700_000_010.25
        let unknown = HostMetrics.Peer(node: "host-d", overlay: "net", receivedBytes: 0, transmittedBytes: 0)
        let text = MetricsText.render(
            HostMetrics(
                summary: try sampleReport().summary, peers: [silent, answering, unknown],
                containers: [.init(name: "web", restarts: 3)]))
        let lines = text.split(separator: "\n")
        func values(_ name: String) -> [String] {
            lines.filter { $0.hasPrefix(name + "{") }.map { line in
                String(line.dropFirst(name.count)).replacing(",overlay=\"net\"", with: "")
            }
        }
        #expect(values("wgctl_peer_ready") == ["{node=\"host-b\"} 0", "{node=\"host-c\"} 1"])
        #expect(values("wgctl_peer_last_handshake_timestamp_seconds") == ["{node=\"host-c\"} 1700000000"])
        #expect(values("wgctl_peer_round_trip_seconds") == ["{node=\"host-c\"} 0.000400"])
        #expect(values("wgctl_peer_last_probe_timestamp_seconds") == ["{node=\"host-c\"} 1700000010.250"])
        #expect(values("wgctl_peer_probes_total").first == "{node=\"host-b\"} 9")
        #expect(values("wgctl_peer_probes_lost_total").first == "{node=\"host-b\"} 4")
        #expect(lines.contains("wgctl_container_restarts_total{container=\"web\"} 3"))
        // Prometheus' conventions: each has a help and a type, and a counter ends in _total.
        for line in lines where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            #expect(lines.contains { $0.hasPrefix("# HELP \(words[2]) ") })
            #expect((words[3] == "counter") == words[2].hasSuffix("_total"))
        }
    }

    @Test func labelsOfMetricsAreEscaped() throws {
        var summary = try sampleReport().summary
        summary.node = "a\\b\"c\nd"
        #expect(
            MetricsText.render(HostMetrics(summary: summary)).contains(
                #"wgctl_info{node="a\\b\"c\nd",version="0.1.0"} 1"#))
    }
}
