/// The ids of a task and its instance (marathon-api.md 1.5).
struct TaskIdentity {
    let task: String
    /// From 1.4.
    let instance: String?

    init(_ app: String, release: MarathonVersion, at now: Moment, _ numbers: inout SeededNumbers) {
        let safe = PathID.safe(app)
        let uuid = Self.timeUUID(at: now, &numbers)
        if release >= .init(1, 8) {
            instance = "\(safe).instance-\(uuid)"
            task = "\(safe).instance-\(uuid)._app.1"
        } else {
            instance = release >= .init(1, 4) ? "\(safe).marathon-\(uuid)" : nil
            task = "\(safe).\(uuid)"
        }
    }

    /// A version 1 UUID: made of the time, and of numbers where a machine's clock and address would be.
    private static func timeUUID(at now: Moment, _ numbers: inout SeededNumbers) -> String {
        let ticks = UInt64(now.milliseconds + 12_219_292_800_000) * 10_000 + numbers.next() % 10_000
        let random = numbers.next()
        func hex(_ number: UInt64, _ width: Int) -> String {
            let text = String(number & (width == 16 ? .max : (1 << (4 * UInt64(width))) - 1), radix: 16)
            return String(repeating: "0", count: width - text.utf8.count) + text
        }
        let clock = (random >> 48) & 0x3fff | 0x8000
        return [
            hex(ticks, 8), hex(ticks >> 32, 4), hex(ticks >> 48 & 0xfff | 0x1000, 4), hex(clock, 4), hex(random, 12),
        ].joined(separator: "-")
    }
}
