import Foundation

/// A made-up fleet: one overlay, and nodes with a key, an endpoint, a route and a container each, one file a document.
struct Fleet {
    let directory: URL
    /// At most 62,500: the overlay's subnet is laid out for it.
    let count: Int

    /// Writes every file.
    func write() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try write(overlay: 0)
        for number in 0..<count { try write(node: number) }
    }

    /// Writes the overlay's file; another revision is another keepalive, which every plan shows.
    func write(overlay revision: Int) throws {
        let text = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Overlay
            metadata:
              name: net
            spec:
              subnets: [10.0.0.0/8]
              wireguard: {persistentKeepalive: \(10 + revision)}

            """
        try Data(text.utf8).write(to: directory.appending(path: "overlay.yaml"))
    }

    /// Writes one node's file; another revision is another grace period of its container, which every plan shows.
    func write(node number: Int, revision: Int = 0) throws {
        try Data(text(node: number, revision: revision).utf8).write(to: directory.appending(path: Fleet.file(number)))
    }

    static func name(_ number: Int) -> String { "node-\(number)" }
    static func file(_ number: Int) -> String { "\(name(number)).yaml" }

    private func text(node number: Int, revision: Int) -> String {
        let (high, low) = (number / 250, number % 250 + 1)
        return """
            # Made by the benchmark.
            apiVersion: wgctl.dev/v1alpha1
            kind: Node
            metadata:
              name: \(Fleet.name(number))
              labels: {site: s\(number % 10)}
            spec:
              publicKey: \(key(number))
              endpoint: 192.168.\(high).\(low)
              overlays:
                - name: net
                  addresses: [10.0.\(high).\(low)]
                  routes: [172.\(16 + high / 256).\(high % 256).\(low)/32]
              containers:
                - name: web-\(number)
                  image: registry.example.org/web:1.\(revision)
                  networks:
                    - overlay: net
                      addresses: [10.\(100 + revision % 100).\(high).\(low)]
                  env:
                    - {name: NODE, value: \(Fleet.name(number))}
                  ports:
                    - {containerPort: 8080, hostPort: 80}

            """
    }

    /// 32 bytes that spell the number: nobody's key, and of no low order.
    private func key(_ number: Int) -> String {
        let bytes = [UInt8](repeating: 9, count: 28) + (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        return Data(bytes.prefix(31) + [bytes[31] & 0x7f]).base64EncodedString()
    }
}
