/// A key pair for a lab host. Private keys of real hosts are not on this machine, so each lab host gets its own.
enum HostKeys {
    /// Writes `keys/node.key` (0600 in a 0700 directory, base64 of 32 clamped bytes) and returns the public key.
    static func make(in folder: HostFolder) throws(LabError) -> String {
        let directory = "\(folder.wgctlState)/keys"
        try makeDirectory(directory, mode: 0o700)
        let privateKey = try Command(["wg", "genkey"]).run()
        try writeFile(privateKey, to: "\(directory)/node.key", mode: 0o600)
        return try Command(["wg", "pubkey"], input: privateKey).run().trimmed
    }
}
