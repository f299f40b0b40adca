extension Shape where Value == WatchSpec {
    /// `watch:`.
    static var watch: Shape {
        section { section in
            WatchSpec(
                interval: section.optional("interval", .length),
                correct: section.optional("correct", .boolean),
                windows: section.value("windows", .oneOrMore(of: .timeWindow)) ?? [],
                kinds: section.value("kinds", .oneOrMore(of: .word)) ?? [],
                webhook: section.value("webhook", .webhook),
                ignore: section.value("ignore", .oneOrMore(of: .resource)) ?? []
            )
        }
    }
}

extension Shape where Value == TimeWindow {
    fileprivate static var timeWindow: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            if let window = TimeWindow(text) { return window }
            field.fault(
                "`\(text.abbreviated)` is no time of the week",
                hint: "write such as Mon-Fri 09:00-17:00 or 22:00-06:00"
            )
            return nil
        }
    }
}

extension Shape where Value == String {
    /// What a plan calls a resource, `*` for any text: `file:/etc/motd`.
    fileprivate static var resource: Shape {
        text.checked { text in
            let kinds = ["file", "service", "package", "app", "image"]
            guard let colon = text.firstIndex(of: ":"), kinds.contains(String(text[..<colon])) else {
                return Fault(
                    "`\(text.abbreviated)` is no resource",
                    hint: "write such as file:/etc/motd or app:/shop/*"
                )
            }
            return nil
        }
    }
}
