import Glibc

/// One `struct inotify_event`.
struct InotifyEvent: Hashable {
    var watch: Int32
    var mask: UInt32
    /// Of the entry in the watched directory; empty when the event is about the directory itself.
    var name: [UInt8]

    /// Splits what one `read` returned: `{int wd; u32 mask, cookie, len; char name[len]}`, padded with NULs.
    static func parse(_ bytes: ArraySlice<UInt8>) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 16 <= raw.count {
                let length = Int(raw.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                guard offset + 16 + length <= raw.count else { return }
                events.append(
                    InotifyEvent(
                        watch: raw.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                        mask: raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                        name: raw[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }.map { $0 }))
                offset += 16 + length
            }
        }
        return events
    }
}
