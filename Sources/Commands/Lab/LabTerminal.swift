internal import ControlAPI
internal import Glibc
internal import Lab

/// Prints the progress of a lab, hosts' names in a column.
struct LabProgressPrinter: Sendable {
    let width: Int
    let isColoured: Bool

    func show(_ progress: LabProgress) {
        let name = progress.host ?? "lab"
        let padding = String(repeating: " ", count: max(0, width - name.count))
        let tone: Tone =
            progress.message.hasPrefix("Ready") ? .good : progress.message.hasPrefix("failed") ? .bad : .plain
        // The parts of a refusal stand on lines of their own, as the compiler's do.
        let lines = progress.message.split(separator: "\n").map { String($0).printable }
        for line in lines {
            let text = isColoured && tone != .plain ? "\u{1b}[\(tone.rawValue)m\(line)\u{1b}[0m" : line
            print("\(name)\(padding)   \(text)")
        }
        fflush(nil)
    }
}
