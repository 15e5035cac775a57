internal import Glibc

/// A network namespace held by a file in the lab's folder.
struct NetworkNamespace: Sendable {
    let file: String

    /// Makes the namespace and binds it to its file (unshare(1), `--net=FILE`).
    func create() throws(LabError) {
        try writeFile("", to: file)
        try Command(["unshare", "--net=\(file)", "true"]).run()
    }

    /// The arguments that run a command in this namespace. Not `ip netns exec`: its fresh /sys hides the cgroups.
    func entering(_ arguments: [String]) -> [String] { ["nsenter", "--net=\(file)", "--"] + arguments }

    /// Writes the sysctls, then makes links, addresses and routes, then the rules.
    func apply(_ setup: NamespaceSetup) throws(LabError) {
        for (value, paths) in Dictionary(grouping: setup.sysctls.keys, by: { setup.sysctls[$0] ?? "" }) {
            try Command(entering(["tee"] + paths.sorted().map { "/proc/sys/\($0)" }), input: value).run()
        }
        try apply(ip: setup.ip)
        if let rules = setup.nft { try Command(entering(["nft", "-f", "-"]), input: rules).run() }
    }
}

extension NetworkNamespace {
    /// Makes links, addresses and routes.
    ///
    /// - Parameter lines: of `ip -batch`.
    func apply(ip lines: [String]) throws(LabError) {
        try Command(entering(["ip", "-batch", "-"]), input: lines.joined(separator: "\n") + "\n").run()
    }
}

/// Takes off every mount below a folder, the last made first.
func unmountAll(below folder: String) throws(LabError) {
    // mountinfo, field 5: the mount point, with space, tab, newline and backslash as octal escapes (proc(5)).
    let points = (readFile("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap { line -> String? in
        let fields = line.split(separator: " ")
        return fields.count > 4 ? unescapeOctal(fields[4]) : nil
    }
    for point in points.reversed() where point.hasPrefix(folder + "/") {
        guard umount2(point, Int32(MNT_DETACH)) == 0 || errno == EINVAL else {
            throw .system(call: "umount", subject: point, errno: errno)
        }
    }
}

private func unescapeOctal(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = ArraySlice(text.utf8)
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
            bytes.append(code)
            rest = rest.dropFirst(3)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
