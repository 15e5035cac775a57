internal import Foundation

/// How the database keeps a time: whole milliseconds since the epoch, so that what is read equals what was written.
extension Date {
    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }
}
