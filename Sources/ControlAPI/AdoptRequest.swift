/// The body of `POST /v1/adopt`.
struct AdoptRequest: Hashable, Sendable, Codable {
    /// The Node that this host serves.
    var from: String
    /// The Node to go on as; nil for the one with this host's public key, else the one called as this host.
    var to: String?
}
