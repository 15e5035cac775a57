internal import Descriptors
internal import Glibc

/// Why a lab could not do what it was asked for. Every text names the thing, the reason and the remedy.
public enum LabError: Error, Hashable, CustomStringConvertible {
    case notRoot
    case badName(String)
    case badRoot(String)
    case badManifestDirectory(path: String, reason: String)
    case noNodes(path: String, complaints: [String])
    case noSuchLab(String, running: [String])
    case busy(lab: String)
    case alreadyUp(lab: String)
    case noSuchHost(String, lab: String, known: [String])
    case hostIsDown(String, lab: String)
    case sharedEndpoint(String, nodes: [String])
    case missingProgram(String, package: String)
    case programFailed(command: String, outcome: String, output: String)
    case programTimedOut(command: String, seconds: Int)
    case system(call: String, subject: String, errno: Int32)
    case badRecord(path: String, reason: String)
    case badImageOption(String)
    case badLagOption(String)
    case lagGivenTwice(host: String)
    case hostDidNotStart(String, output: String)
    case processesRemain([Int32])
    case renamed(node: String, host: String)
    case notReady(hosts: [String], seconds: Int)

    public var description: String {
        switch self {
        case .notRoot: "a lab makes namespaces, which needs root: run it with sudo"
        case .badName(let name):
            "\"\(name)\" cannot name a lab: use 1 to 32 lower-case letters, digits and '-', a letter or digit first"
        case .badRoot(let path):
            "\(path) cannot hold labs: it must be an absolute path outside /run, /proc and /sys (WGCTL_LAB_DIR)"
        case .badManifestDirectory(let path, let reason): "\(path) \(reason)"
        case .noNodes(let path, let complaints):
            (["\(path) holds no accepted Node: a lab has one host per Node"] + complaints).joined(separator: "\n")
        case .noSuchLab(let name, let running):
            running.isEmpty
                ? "no lab named \"\(name)\", and none is running: start one with `wgctl lab up DIR --name \(name)`"
                : "no lab named \"\(name)\"; running: \(running.joined(separator: ", "))"
        case .busy(let name): "another `wgctl lab up` or `down` works on lab \"\(name)\": wait for it to finish"
        case .alreadyUp(let name): "lab \"\(name)\" is up: take it down with `wgctl lab down --name \(name)` first"
        case .noSuchHost(let host, let lab, let known):
            "lab \"\(lab)\" has no host \"\(host)\"; it has \(known.joined(separator: ", "))"
        case .hostIsDown(let host, let lab):
            "host \"\(host)\" of lab \"\(lab)\" does not run: start the lab again with `wgctl lab up`"
        case .sharedEndpoint(let endpoint, let nodes):
            "nodes \(nodes.joined(separator: " and ")) share the endpoint \(endpoint): in a lab each needs its own"
        case .missingProgram(let program, let package):
            "\"\(program)\" is not installed: apt-get install \(package)"
        case .programFailed(let command, let outcome, let output):
            "`\(command)` \(outcome)\(output.isEmpty ? "" : ": \(output)")"
        case .programTimedOut(let command, let seconds):
            "`\(command)` did not finish within \(seconds) s and was stopped"
        case .system(let call, let subject, let errno): "\(call) \(subject): \(SystemError.text(of: errno))"
        case .badRecord(let path, let reason):
            "\(path) is not a lab's record (\(reason)): take the lab down and start it again"
        case .badImageOption(let text):
            "--image \(text): write NAME=TARFILE, such as docker.io/library/alpine:3.20=busybox.tar, naming a file"
        case .badLagOption(let text):
            "--lag \(text): write HOST=TIME, the time a whole number of ms, s or m, such as host-b=60s"
        case .lagGivenTwice(let host): "--lag names host \"\(host)\" twice: give each host one time"
        case .hostDidNotStart(let host, let output): "host \"\(host)\" did not start: \(output)"
        case .processesRemain(let pids):
            "processes \(pids.map(String.init).joined(separator: ", ")) survived SIGKILL: run `wgctl lab down` again"
        case .renamed(let node, let host):
            "\(node) has the addresses of \(host), whose Node is gone: it is taken for the same host, renamed, which "
                + "lab host \(host) goes on being"
        case .notReady(let hosts, let seconds):
            "not Ready within \(seconds) s: \(hosts.joined(separator: ", ")); see `wgctl lab logs HOST`"
        }
    }
}
