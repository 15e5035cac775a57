import FleetModel
import HostState
import NetAddress

/// Random containers and networks: every optional with and without a value, texts that JSON must escape.
extension SeededGenerator {
    mutating func container() -> DesiredContainer {
        var container = DesiredContainer(name: text(), node: text(), image: text())
        container.networks = list { generator in
            DesiredContainer.Attachment(
                network: generator.text(), bridge: generator.text(), addresses: generator.list { $0.address() },
                macAddress: MACAddress(derivedFrom: generator.text()))
        }
        container.pullPolicy = pick([.always, .ifNotPresent, .never]) ?? .always
        container.entrypoint = list { $0.text() }
        container.arguments = list { $0.text() }
        container.workingDirectory = optional { $0.text() }
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let options: [DesiredContainer.EnvironmentValue] = [
                .literal(text()), .podmanSecret(name: text()), .file(path: text()),
            ]
            container.environment[text()] = pick(options)
        }
        container.ports = list { generator in
            DesiredContainer.PortMapping(
                containerPort: generator.number(), hostPort: generator.number(),
                hostIP: generator.optional { $0.address() }, transport: generator.text())
        }
        container.mounts = list { generator in
            let text = generator.text()
            return DesiredContainer.Mount(
                source: generator.chance(50) ? .hostPath(text) : .volume(text), mountPath: generator.text(),
                isReadOnly: generator.chance(50))
        }
        container.restartPolicy = pick([.always, .onFailure, .never]) ?? .always
        container.stopTimeout = number()
        container.cpuLimitMilli = optional { $0.number() }
        container.memoryLimit = optional { $0.number() }
        container.isPrivileged = chance(50)
        container.addCapabilities = list { $0.text() }
        container.dropCapabilities = list { $0.text() }
        container.user = optional { $0.text() }
        container.isRootReadOnly = chance(50)
        container.healthCheck = optional { generator in
            DesiredContainer.HealthCheck(
                command: generator.list { $0.text() }, interval: generator.number(), timeout: generator.number(),
                startPeriod: generator.number(), retries: generator.number())
        }
        container.ulimits = list { generator in
            DesiredContainer.Ulimit(name: generator.text(), soft: generator.number(), hard: generator.number())
        }
        for _ in 0..<Int.random(in: 0...3, using: &self) { container.labels[text()] = text() }
        return container
    }

    mutating func network() -> DesiredNetwork {
        DesiredNetwork(
            name: text(), overlay: text(), bridge: text(),
            subnets: list { generator in
                let gateway = generator.address()
                let length = Int.random(in: 0...gateway.family.bitWidth, using: &generator)
                return DesiredNetwork.Subnet(
                    subnet: CIDR(containing: gateway, prefixLength: length), gateway: gateway,
                    leaseRange: generator.optional { generator in
                        DesiredNetwork.LeaseRange(first: generator.address(), last: generator.address())
                    })
            }, mtu: number(), isDNSEnabled: chance(50))
    }

    /// Of letters, digits and signs, of what JSON escapes, and of two, three and four bytes in UTF-8.
    private mutating func text() -> String {
        let scalars = "aZ09-_./\"\\\n\r\t\u{0}\u{8}\u{b}\u{c}\u{1f}\u{7f}e\u{301}é\u{2028}\u{ffff}😀".unicodeScalars
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...6, using: &self) { text.append(scalars.randomElement(using: &self) ?? "a") }
        return String(text)
    }

    private mutating func number<Number: FixedWidthInteger>() -> Number {
        chance(20) ? (chance(50) ? .min : .max) : .random(in: .min ... .max, using: &self)
    }

    private mutating func address() -> IPAddress {
        chance(50)
            ? IPAddress(v4: number())
            : IPAddress(family: .v6, value: UInt128(number() as UInt64) << 64 | UInt128(number() as UInt64))
    }

    private mutating func optional<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? {
        chance(50) ? make(&self) : nil
    }

    private mutating func list<Value>(_ make: (inout SeededGenerator) -> Value) -> [Value] {
        (0..<Int.random(in: 0...2, using: &self)).map { _ in make(&self) }
    }
}
