internal import Foundation

/// This process's environment.
func environment() -> [String: String] { ProcessInfo.processInfo.environment }
