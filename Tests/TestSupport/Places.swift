public import Foundation

/// Where the project's own files are.
public enum Repository {
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// Where the build put what it made.
public enum BuildProducts {
    public static let directory = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path
    /// The program itself.
    public static let wgctl = directory + "/wgctl"
}

/// A path of the test's own in the temporary directory, at which nothing is yet. Whoever makes something there removes
/// it.
///
/// - Parameter purpose: part of the name, for those who find it left behind.
public func temporaryPath(_ purpose: String) -> String {
    FileManager.default.temporaryDirectory.appending(path: "wgctl-\(purpose)-\(UUID().uuidString)").path
}
