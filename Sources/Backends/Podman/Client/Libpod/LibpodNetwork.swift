/// A network as `/libpod/networks` reads and writes it (`Network` in containers/common `libnetwork/types`).
struct LibpodNetwork: Codable {
    struct Subnet: Codable {
        var subnet: String
        var gateway: String?
        var leaseRange: LeaseRange?

        enum CodingKeys: String, CodingKey {
            case subnet, gateway
            case leaseRange = "lease_range"
        }
    }

    struct LeaseRange: Codable {
        var first: String?
        var last: String?

        enum CodingKeys: String, CodingKey {
            case first = "start_ip"
            case last = "end_ip"
        }
    }

    var name: String
    var id: String?
    var driver: String
    var networkInterface: String?
    var subnets: [Subnet]?
    var isIPv6Enabled: Bool?
    var isDNSEnabled: Bool?
    var labels: [String: String]?
    var options: [String: String]?

    enum CodingKeys: String, CodingKey {
        case name, id, driver, subnets, labels, options
        case networkInterface = "network_interface"
        case isIPv6Enabled = "ipv6_enabled"
        case isDNSEnabled = "dns_enabled"
    }
}
