internal import Glibc

/// The Git commit that a manifest directory is of, read from files: wgd's sandbox starts no program.
public enum GitCommit {
    /// The name of the revision's directory, as wgctl-pull and git-sync name it, or else what HEAD of the checkout above is;
    /// nil when the directory is neither.
    ///
    /// Source: gitrepository-layout(5).
    public static func ofDirectory(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        var directory = String(cString: resolved).split(separator: "/").map(String.init)
        if let revision = directory.last(where: isHash) { return revision }
        while !directory.isEmpty {
            if let commit = head(in: "/" + directory.joined(separator: "/") + "/.git") { return commit }
            directory.removeLast()
        }
        return nil
    }

    /// - Parameter git: the repository, or in a further worktree a file that names it.
    private static func head(in git: String) -> String? {
        var repository = git
        if let text = line(of: git), let target = text.removing(prefix: "gitdir: ") {
            repository =
                target.hasPrefix("/")
                ? target : git.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/" + target
        }
        guard let head = line(of: repository + "/HEAD") else { return nil }
        guard let name = head.removing(prefix: "ref: ") else { return isHash(head) ? head : nil }
        // A worktree shares its branches with the repository that it belongs to.
        let common = line(of: repository + "/commondir").map { $0.hasPrefix("/") ? $0 : "\(repository)/\($0)" }
        let places = [repository] + (common.map { [$0] } ?? [])
        for place in places {
            if let commit = line(of: "\(place)/\(name)"), isHash(commit) { return commit }
        }
        return places.lazy.compactMap { packed(name, in: $0) }.first
    }

    private static func packed(_ name: String, in repository: String) -> String? {
        guard let text = read("\(repository)/packed-refs") else { return nil }
        for line in text.split(separator: "\n") where line.hasSuffix(" " + name) {
            let commit = String(line.prefix { $0 != " " })
            if isHash(commit) { return commit }
        }
        return nil
    }

    /// SHA-1 or SHA-256.
    private static func isHash(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func line(of path: String) -> String? {
        read(path)?.split(separator: "\n").first.map(String.init)
    }

    /// The text of a plain file, at most 1 MiB of it; nil for anything else, such as a FIFO.
    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var buffer = [UInt8](repeating: 0, count: min(Int(status.st_size), 1 << 20))
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

extension String {
    fileprivate func removing(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
