import FleetModel
import Foundation
import NetAddress
import Testing

@testable import HostState

/// The texts that spec hashes are computed over. A difference here recreates containers or networks of every fleet
/// that upgrades: never adjust an expected text or hash of these tests to a changed encoding.
@Suite struct CanonicalFormTests {
    private func text(_ form: CanonicalJSON) -> String { String(decoding: form.bytes, as: UTF8.self) }

    @Test func aContainerWithEveryFieldSet() throws {
        let container = try CanonicalSamples.container()
        #expect(
            text(container.canonicalForm)
                == #"{"addCapabilities":["NET_RAW","SYS_TIME"],"arguments":["--verbose","a/b"],"cpuLimitMilli":1500,"#
                + #""dropCapabilities":["CHOWN"],"entrypoint":["/bin/app"],"environment":{"#
                + #""CONFIG":{"file":{"path":"/etc/app/secret"}},"MODE":{"literal":{"_0":"fast"}},"#
                + #""PASSWORD":{"podmanSecret":{"name":"app-password"}}},"#
                + #""healthCheck":{"command":["/bin/check","-q"],"interval":30,"retries":3,"startPeriod":5,"#
                + #""timeout":2},"image":"example.com/app:1","isPrivileged":true,"isRootReadOnly":true,"#
                + #""labels":{"team":"core"},"memoryLimit":268435456,"#
                + #""mounts":[{"isReadOnly":true,"mountPath":"/etc/app","source":{"hostPath":{"_0":"/srv/app"}}},"#
                + #"{"isReadOnly":false,"mountPath":"/data","source":{"volume":{"_0":"app-data"}}}],"name":"pod-a","#
                + #""networks":[{"addresses":["10.0.0.20","fd00::20"],"bridge":"br-office","#
                + #""macAddress":"02:00:00:00:00:14","network":"office"}],"node":"host-a","#
                + #""ports":[{"containerPort":80,"hostIP":"192.168.1.10","hostPort":8080,"transport":"tcp"}],"#
                + #""pullPolicy":"IfNotPresent","restartPolicy":"OnFailure","stopTimeout":3,"#
                + #""ulimits":[{"hard":8192,"name":"nofile","soft":4096}],"user":"1000:1000","#
                + #""workingDirectory":"/srv"}"#)
        #expect(container.specHash == "82cd80e65fb475bf85c7e9e315b36d26")
    }

    @Test func aContainerWithEveryFieldAtItsDefault() {
        let container = DesiredContainer(name: "pod-a", node: "host-a", image: "example.com/app:1")
        #expect(
            text(container.canonicalForm)
                == #"{"addCapabilities":[],"arguments":[],"dropCapabilities":[],"entrypoint":[],"environment":{},"#
                + #""image":"example.com/app:1","isPrivileged":false,"isRootReadOnly":false,"labels":{},"#
                + #""mounts":[],"name":"pod-a","networks":[],"node":"host-a","ports":[],"#
                + #""pullPolicy":"IfNotPresent","restartPolicy":"Always","stopTimeout":10,"ulimits":[]}"#)
        #expect(container.specHash == "2646198c04140099f1ed262ee6145c63")
    }

    @Test func networksWithAndWithoutALeaseRange() throws {
        var network = try CanonicalSamples.network()
        #expect(
            text(network.canonicalForm)
                == #"{"bridge":"br-office","isDNSEnabled":true,"mtu":1420,"name":"office","overlay":"office-net","#
                + #""subnets":[{"gateway":"10.0.0.1","leaseRange":{"first":"10.0.0.128","last":"10.0.0.191"},"#
                + #""subnet":"10.0.0.0/24"}]}"#)
        #expect(network.specHash == "cb3d66a87f02aa318ab9a08f8e2fae21")
        network.subnets = [
            DesiredNetwork.Subnet(
                subnet: try #require(CIDR("fd00::/64")), gateway: try #require(IPAddress("fd00::1")))
        ]
        network.isDNSEnabled = false
        #expect(
            text(network.canonicalForm)
                == #"{"bridge":"br-office","isDNSEnabled":false,"mtu":1420,"name":"office","overlay":"office-net","#
                + #""subnets":[{"gateway":"fd00::1","subnet":"fd00::/64"}]}"#)
        #expect(network.specHash == "a00d39cc847d46450b2b870a2153b528")
        network.subnets = []
        #expect(network.specHash == "c3651d77e1467385b9bc26db22cf4ced")
    }

    @Test func nestedTypesAlone() throws {
        let port = DesiredContainer.PortMapping(containerPort: 53, hostPort: 5353, hostIP: nil, transport: "udp")
        #expect(text(port.canonicalForm) == #"{"containerPort":53,"hostPort":5353,"transport":"udp"}"#)
        var attachment = try #require(CanonicalSamples.container().networks.first)
        attachment.addresses = []
        #expect(
            text(attachment.canonicalForm)
                == #"{"addresses":[],"bridge":"br-office","macAddress":"02:00:00:00:00:14","network":"office"}"#)
        let check = DesiredContainer.HealthCheck(command: [], interval: 0, timeout: 0, startPeriod: 0, retries: 0)
        #expect(
            text(check.canonicalForm)
                == #"{"command":[],"interval":0,"retries":0,"startPeriod":0,"timeout":0}"#)
        let ulimit = DesiredContainer.Ulimit(name: "core", soft: .min, hard: .max)
        #expect(
            text(ulimit.canonicalForm)
                == #"{"hard":9223372036854775807,"name":"core","soft":-9223372036854775808}"#)
        let policies: [DesiredContainer.RestartPolicy] = [.always, .onFailure, .never]
        #expect(policies.map { text($0.canonicalForm) } == [#""Always""#, #""OnFailure""#, #""Never""#])
    }

    @Test func textIsEscapedAndKeysAreInTheOrderOfTheirBytes() {
        let form = CanonicalJSON.object([
            "é": .string("\u{e9}\u{2028}\u{1f600}"), "z": .string("\u{0}\u{1f}\u{7f}/\"\\\n\r\t\u{8}\u{c}"),
            "Z": .boolean(true), "": .array([]),
        ])
        #expect(
            text(form)
                == "{\"\":[],\"Z\":true,\"z\":\"\\u0000\\u001f\u{7f}/\\\"\\\\\\n\\r\\t\\b\\f\",\"é\":\"é\u{2028}😀\"}")
    }

    /// The present release hashes what the compiler makes of the types. A field that is added and forgotten in the
    /// canonical form makes the two differ; so does one that is added with a default, which the expected text leaves out.
    @Test func randomValuesAreWrittenAsTheCompilersCodableWritesThem() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for seed in 0..<2000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var container = generator.container()
            let form = container.canonicalForm
            container.pullPolicy = .ifNotPresent
            let encoded = try String(decoding: encoder.encode(container), as: UTF8.self)
            try #require(text(form) == encoded, "seed \(seed)")
            let network = generator.network()
            let encodedNetwork = try String(decoding: encoder.encode(network), as: UTF8.self)
            try #require(text(network.canonicalForm) == encodedNetwork, "seed \(seed)")
        }
    }

    @Test func everyStoredPropertyHasAKey() throws {
        let container = try CanonicalSamples.container()
        #expect(unwritten(container, in: container.canonicalForm, at: "container") == [])
        let network = try CanonicalSamples.network()
        #expect(unwritten(network, in: network.canonicalForm, at: "network") == [])
    }

    /// The paths of all stored properties, of the value and of those within it, that the form has no key for.
    private func unwritten(_ value: Any, in form: CanonicalJSON, at path: String) -> [String] {
        let mirror = Mirror(reflecting: value)
        switch (mirror.displayStyle, form) {
        case (.optional, _):
            guard let some = mirror.children.first?.value else { return ["\(path) is nil: set it in the sample"] }
            return unwritten(some, in: form, at: path)
        case (.struct, .object(let fields)):
            return mirror.children.flatMap { child in
                let name = "\(path).\(child.label ?? "")"
                guard let field = child.label.flatMap({ fields[$0] }) else { return [name] }
                return unwritten(child.value, in: field, at: name)
            }
        case (.collection, .array(let elements)):
            guard !elements.isEmpty else { return ["\(path) is empty: fill it in the sample"] }
            return zip(mirror.children, elements).flatMap { unwritten($0.value, in: $1, at: path + "[]") }
        default: return []
        }
    }
}
