internal import Foundation

/// Seconds since the epoch, as WireGuard reports handshakes.
func wallClockSeconds() -> Int64 { Int64(Date().timeIntervalSince1970) }
