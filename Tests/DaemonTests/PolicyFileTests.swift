import Foundation
import Glibc
import HostPolicy
import Testing

@testable import Daemon

/// A directory of root's own, and a policy file in it.
private final class Folder {
    let path = NSTemporaryDirectory() + "wgd-policy-\(UUID().uuidString)"

    init() throws { try make("etc", "manifests") }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func make(_ names: String...) throws {
        for name in names {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(name)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
    }

    var policy: String { "\(path)/etc/policy.yaml" }

    func write(_ spec: String, to name: String = "etc/policy.yaml") throws {
        let text = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\nspec: \(spec)\n"
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o644)
    }

    func file(_ name: String = "etc/policy.yaml") -> PolicyFile {
        PolicyFile(path: "\(path)/\(name)", manifestDirectory: "\(path)/manifests")
    }
}

private func refusal(_ contents: PolicyFile.Contents) -> String {
    if case .refused(let reason) = contents { reason } else { "\(contents)" }
}

@Suite struct PolicyFileTests {
    @Test func aFileOfRootsOwnIsRead() throws {
        let folder = try Folder()
        #expect(folder.file().read() == .absent)
        #expect(folder.file("nowhere/policy.yaml").read() == .absent)
        try folder.write("{}")
        guard case .bytes(let bytes) = folder.file().read() else {
            Issue.record("\(folder.file().read())")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("spec: {}\n"))
        // A link is as good as what it leads to.
        symlink(folder.policy, "\(folder.path)/etc/link.yaml")
        #expect(folder.file("etc/link.yaml").read() == .bytes(bytes))
    }

    @Test func whatOthersCouldWriteIsRefused() throws {
        let folder = try Folder()
        try folder.write("{}")
        chmod(folder.policy, 0o664)
        #expect(refusal(folder.file().read()) == "\(folder.policy) is writable by others than root; chmod go-w it")
        chmod(folder.policy, 0o646)
        #expect(refusal(folder.file().read()).contains("writable by others than root"))
        chmod(folder.policy, 0o644)
        chown(folder.policy, 65534, 0)
        #expect(refusal(folder.file().read()).contains("belongs to user 65534, who could change it; chown root it"))
        chown(folder.policy, 0, 0)
        chmod("\(folder.path)/etc", 0o777)
        #expect(refusal(folder.file().read()).hasPrefix("\(folder.path)/etc is writable by others"))
        // As /tmp is: nobody else can replace what is root's.
        chmod("\(folder.path)/etc", 0o1777)
        #expect(refusal(folder.file().read()).hasPrefix("bytes"))
        chown(folder.path, 65534, 0)
        #expect(refusal(folder.file().read()).hasPrefix("\(folder.path) belongs to user 65534"))
    }

    @Test func theManifestDirectoryIsNoPlaceForIt() throws {
        let folder = try Folder()
        try folder.write("{}", to: "manifests/policy.yaml")
        #expect(refusal(folder.file("manifests/policy.yaml").read()).contains("lies in the manifest directory"))
        // Not by a link either.
        symlink("\(folder.path)/manifests/policy.yaml", folder.policy)
        #expect(refusal(folder.file().read()).contains("lies in the manifest directory"))
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/manifests2", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        try folder.write("{}", to: "manifests2/policy.yaml")
        #expect(refusal(folder.file("manifests2/policy.yaml").read()).hasPrefix("bytes"))
    }

    @Test func whatIsNoFileIsRefusedAndNotTakenForAbsent() throws {
        let folder = try Folder()
        symlink("nowhere", folder.policy)
        #expect(refusal(folder.file().read()).hasPrefix("leads nowhere"))
        unlink(folder.policy)
        mkdir(folder.policy, 0o755)
        #expect(refusal(folder.file().read()).contains("is a directory"))
        rmdir(folder.policy)
        mkfifo(folder.policy, 0o644)
        #expect(refusal(folder.file().read()).contains("is a FIFO"))
    }
}

extension PolicyWatch {
    /// Two looks: what each found to be different.
    fileprivate mutating func lookTwice() -> [Bool] { [look(), look()] }
}

@Suite struct PolicyWatchTests {
    @Test func aChangeIsTakenUpOnceItStands() throws {
        let folder = try Folder()
        var watch = PolicyWatch(folder.file())
        #expect(watch.policy == HostPolicy() && watch.fault == nil)
        #expect(watch.source == "the default, as there is no \(folder.policy)")
        var looks = watch.lookTwice()
        #expect(looks == [false, false])

        // At the first look it may still be being written.
        try folder.write("{containers: {privileged: true}}")
        looks = watch.lookTwice()
        #expect(looks == [false, true] && watch.policy.containers.privileged && watch.source == folder.policy)
        looks = watch.lookTwice()
        #expect(looks == [false, false])

        unlink(folder.policy)
        looks = watch.lookTwice()
        #expect(looks == [false, true] && watch.policy == HostPolicy())
    }

    @Test func aFileThatKeepsChangingWaits() throws {
        let folder = try Folder()
        var watch = PolicyWatch(folder.file())
        for port in 1...5 {
            try folder.write("{containers: {hostPorts: [{min: \(port), max: \(port)}]}}")
            let isNew = watch.look()
            #expect(!isNew && watch.policy == HostPolicy())
        }
    }

    @Test func aBrokenFileLeavesTheLastPolicyInForce() throws {
        let folder = try Folder()
        try folder.write("{containers: {privileged: true}}")
        var watch = PolicyWatch(folder.file())
        #expect(watch.policy.containers.privileged && watch.fault == nil)

        try folder.write("{containers: {privileged: perhaps}}")
        var looks = watch.lookTwice()
        #expect(looks == [false, true] && watch.policy.containers.privileged)
        let place = "\(folder.policy):3:33: spec.containers.privileged: must be true or false"
        #expect(watch.fault?.hasPrefix(place) == true, "\(watch.fault ?? "")")
        #expect(watch.source == "\(folder.policy) as it was before it broke")
        looks = watch.lookTwice()
        #expect(looks == [false, false], "it was told already")

        chmod(folder.policy, 0o666)
        looks = watch.lookTwice()
        #expect(looks == [false, true] && watch.fault?.contains("writable by others") == true)

        try folder.write("{}")
        looks = watch.lookTwice()
        #expect(looks == [false, true] && watch.fault == nil && watch.policy == HostPolicy())
        #expect(watch.source == folder.policy)
    }

    @Test func aBrokenFileAtTheStartIsTheDefault() throws {
        let folder = try Folder()
        try folder.write("{containers: {level: None}}")
        let watch = PolicyWatch(folder.file())
        #expect(watch.policy == HostPolicy() && watch.source == "the default")
        #expect(watch.fault?.contains("spec.containers.level: \"None\" is not known") == true)
    }
}
