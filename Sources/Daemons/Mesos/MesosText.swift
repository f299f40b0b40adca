/// Values as Mesos prints them.
enum MesosText {
    /// Ranges, such as `[31000-32000, 40000-40001]`.
    static func describe(_ ranges: [ClosedRange<Int>]) -> String {
        "[" + ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ") + "]"
    }

    static func describe(_ value: Mesos.Value) -> String {
        switch value {
        case .scalar(let amount): describe(amount)
        case .ranges(let ranges): describe(ranges)
        case .set(let items): "{\(items.joined(separator: ", "))}"
        case .text(let text): text
        }
    }

    /// Without a fraction where there is none.
    static func describe(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }

    /// Resources, such as `cpus(*):2; mem(*):1024; ports(*):[31000-32000]`.
    static func describe(_ resources: Mesos.Resources) -> String {
        resources.items.map { "\($0.name)(\($0.role)):\(describe($0.value))" }.joined(separator: "; ")
    }
}

extension String {
    func replacingFirst(_ prefix: String, _ replacement: String) -> String {
        hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
    }
}

extension MesosDuration {
    init(milliseconds: Int) { nanoseconds = Int64(milliseconds) * 1_000_000 }
}
