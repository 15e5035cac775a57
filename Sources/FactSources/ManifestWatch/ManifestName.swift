/// Which directory entries are manifests.
enum ManifestName {
    /// Dotfiles (with `..data`, `.git` and swap files among them) and what editors leave beside a file.
    /// Backups such as `a.yaml~`, `a.yaml.bak`, `#a.yaml#` already fail `isManifest`; directories of such names
    /// are not entered either.
    static func isIgnored(_ name: [UInt8]) -> Bool {
        guard let first = name.first else { return true }
        return first == UInt8(ascii: ".") || first == UInt8(ascii: "#") || first == UInt8(ascii: "~")
            || name.last == UInt8(ascii: "~")
    }

    /// `*.yaml` and `*.yml`, in lower case as kubectl has it.
    static func isManifest(_ name: [UInt8]) -> Bool {
        guard !isIgnored(name) else { return false }
        return [".yaml", ".yml"].contains { suffix in
            name.count > suffix.utf8.count && name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        }
    }
}
