internal import CSodium

/// Memory for key material from `sodium_malloc`: locked, guarded, and zeroed when it is freed.
///
/// It has no description and is never copied into a `String`, `Array` or `Data`.
final class SecretBytes {
    private(set) var count: Int
    private var capacity: Int
    private var memory: UnsafeMutableRawPointer

    /// - Throws: `KeyStoreError.outOfMemory`.
    init(capacity: Int) throws(KeyStoreError) {
        self.count = 0
        self.capacity = capacity
        self.memory = try SecretBytes.allocate(capacity)
    }

    deinit { sodium_free(memory) }

    private static func allocate(_ size: Int) throws(KeyStoreError) -> UnsafeMutableRawPointer {
        guard sodium_init() >= 0, let memory = sodium_malloc(size) else { throw .outOfMemory }
        return memory
    }

    /// Lets `body` append up to `room` bytes; it returns how many it wrote.
    func append(room: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) throws(KeyStoreError) -> Int {
        if capacity - count < room {
            let larger = max(capacity * 2, count + room)
            let replacement = try SecretBytes.allocate(larger)
            replacement.copyMemory(from: memory, byteCount: count)
            sodium_free(memory)
            memory = replacement
            capacity = larger
        }
        let written = body(UnsafeMutableRawBufferPointer(start: memory + count, count: room))
        precondition(written <= room, "wrote past the room that was given")
        if written > 0 { count += written }
        return written
    }

    /// Appends bytes that are not secret themselves.
    func append(_ bytes: some Collection<UInt8>) throws(KeyStoreError) {
        _ = try append(room: bytes.count) { room in
            room.copyBytes(from: bytes)
            return bytes.count
        }
    }

    func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }
}
