import Glibc

/// The names in a directory.
enum DirectoryListing {
    /// Lists an opened directory, sorted by bytes, without "." and "..". Closes `descriptor`.
    /// - Throws: what `getdents64` failed with: a partial listing must never pass for a whole one.
    static func names(closing descriptor: Int32) throws(Errno) -> [[UInt8]] {
        guard let stream = fdopendir(descriptor) else {
            let error = Errno.last
            close(descriptor)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let error = Errno.last
                if error.code != 0 { throw error }
                return names.sorted { $0.lexicographicallyPrecedes($1) }
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
        }
    }
}
