/// A configuration file of wg-quick(8), and the host that it is from.
public struct WgQuickFile: Hashable, Sendable {
    /// As reports show it.
    public var path: String
    public var text: String
    /// The host's name, as far as the path tells it.
    var host: String
    /// The file's name without `.conf`, where that is not the host's name.
    var interface: String?

    /// Names the hosts of files that are one network.
    ///
    /// `host-a.conf` is named after the file. Where the file's name is an interface's (`wg0.conf`, or several files have
    /// the same name), the host is named after the folder.
    ///
    /// - Parameters:
    ///   - files: path, folder's name (nil where it says nothing of a host) and text of each.
    ///   - localHost: the name of a host whose folder says nothing, as of `/etc/wireguard/wg0.conf`.
    public static func named(
        _ files: [(path: String, folder: String?, text: String)], localHost: String
    ) -> [WgQuickFile] {
        let stems = files.map { stem(of: $0.path) }
        let counts = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
        return zip(files, stems).map { file, stem in
            let isInterface = counts[stem] != 1 || isConventional(stem)
            return WgQuickFile(
                path: file.path, text: file.text, host: isInterface ? file.folder ?? localHost : stem,
                interface: isInterface ? stem : nil)
        }
    }

    private static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.hasSuffix(".conf") ? name.dropLast(5) : name)
    }

    /// `wg0` and its like.
    private static func isConventional(_ stem: String) -> Bool {
        stem.hasPrefix("wg") && stem.dropFirst(2).utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
