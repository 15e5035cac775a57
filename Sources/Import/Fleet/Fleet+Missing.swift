internal import Manifest
internal import NetAddress

/// What a Node needs and no source has.
extension Fleet {
    mutating func reportMissing() {
        for member in members {
            // Where a source has one that could not be kept, the report says so already.
            if member.publicKey == nil, member.tunnel?.publicKey == nil, member.tunnel?.hasUnreadableKey != true {
                report.add(
                    member.origin.named("spec", "publicKey"), "nothing tells the public key of \(member.name)",
                    "put there what `wgctl key show` prints on it")
            }
            if member.addresses.isEmpty, !member.routes.isEmpty {
                report.add(
                    member.origin.named("spec", "overlays"),
                    "\(member.name) has no address in the overlay, so that "
                        + member.routes.map(\.value.description).joined(separator: ", ") + " cannot be its routes",
                    "add the overlay there with an address of it and these routes")
            } else if member.addresses.isEmpty, member.tunnel?.addresses.isEmpty != false {
                report.add(
                    member.origin.named("spec", "overlays"),
                    "nothing tells an address of \(member.name) in the overlay",
                    "add the overlay there with an address of it")
            }
        }
    }
}
