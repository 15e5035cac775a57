internal import Manifest
internal import NetAddress

/// What a Node needs and no source has.
extension Fleet {
    mutating func reportMissing() {
        for member in members {
            if member.publicKey == nil, member.tunnel?.hasUnreadableKey != true {
                report.add(
                    member.origin.named("spec", "publicKey"), "nothing tells the public key of \(member.name)",
                    "put there what `wgctl key show` prints on it")
            }
            if member.addresses.isEmpty {
                report.add(
                    member.origin.named("spec", "overlays"),
                    "nothing tells an address of \(member.name) in the overlay",
                    "add the overlay there with an address of it")
            }
        }
    }
}
