import Daemons
import Specs

/// A place in a definition.
enum AppStep: Hashable {
    case key(String)
    case index(Int)
}

/// One field of a definition set, changed or taken away.
struct AppEdit {
    var path: [AppStep]
    var result: AppValue

    /// The field at the top.
    var field: String { names.first ?? "" }

    /// The way down to the first list.
    var names: [String] {
        var names: [String] = []
        for case .key(let name) in path.prefix(while: { if case .key = $0 { true } else { false } }) {
            names.append(name)
        }
        return names
    }

    /// Edits `app`; `donor` is another app, whose values stand in.
    init(of app: AppValue, donor: AppValue, _ numbers: inout SeededNumbers) {
        let places = app.places.filter { $0.count > 1 }
        if places.isEmpty || numbers.chance(45) {
            var names = Set(app.members?.keys.map { $0 } ?? []).union(donor.members?.keys.map { $0 } ?? [])
            names.subtract(["id"])
            let name = numbers.one(names.sorted())
            let value = donor[name] == app[name] || numbers.chance(25) ? nil : donor[name]
            path = [.key(name)]
            result = app.replacing(path[...], by: value)
        } else {
            path = numbers.one(places)
            var next = numbers.chance(25) ? nil : app.value(at: path[...])
            if let value = next { next = AppEdit.changed(value, path, &numbers) }
            result = app.replacing(path[...], by: next)
        }
    }

    private static func changed(_ value: AppValue, _ path: [AppStep], _ numbers: inout SeededNumbers) -> AppValue {
        switch value {
        case .null: return numbers.one([1, "x", true, [], [:]])
        case .boolean(let value): return .boolean(!value)
        case .number(let value): return .number(numbers.one([value + 1, 0, value * 2, 1, 8080]))
        case .text(let content): return numbers.one(others(content.shown, path))
        case .list(let items):
            switch numbers.number(0...3) {
            case 0: return .list(items.shuffled(using: &numbers))
            case 1: return .list(items.dropLast())
            case 2: return .list(items + items.prefix(1))
            default: return .list(items.reversed() + items.suffix(1).map { changed($0, path, &numbers) })
            }
        case .object(var members):
            members[numbers.one(["KEY", "name", "PATH", "path", "labels"])] = numbers.one(["v", [:], 7])
            return .object(members)
        }
    }

    private static func others(_ text: String, _ path: [AppStep]) -> [AppValue] {
        let families = [
            ["tcp", "udp", "udp,tcp"], ["RO", "RW"], ["DOCKER", "MESOS"], ["HOST", "BRIDGE", "USER", "NONE"],
            ["HTTP", "HTTPS", "TCP", "MESOS_HTTP", "MESOS_TCP"], ["YOUNGEST_FIRST", "OLDEST_FIRST"],
            ["host", "container", "container/bridge"], ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE"], ["IPv4", "IPv6"],
            ["WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"],
        ]
        let family = families.first { $0.contains(text) }?.filter { $0 != text }
        return (family ?? [text + "x", "other"]).map { .text(Content($0)) }
    }
}

extension AppValue {
    /// Every place in it, the root left out.
    var places: [[AppStep]] {
        switch self {
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { name, value in
                [[.key(name)]] + value.places.map { [.key(name)] + $0 }
            }
        case .list(let items):
            items.enumerated().flatMap { index, value in
                [[.index(index)]] + value.places.map { [.index(index)] + $0 }
            }
        case .null, .boolean, .number, .text: []
        }
    }

    func value(at path: ArraySlice<AppStep>) -> AppValue? {
        guard let step = path.first else { return self }
        return switch step {
        case .key(let name): self[name]?.value(at: path.dropFirst())
        case .index(let index):
            items.flatMap { $0.indices.contains(index) ? $0[index] : nil }?.value(at: path.dropFirst())
        }
    }

    /// The same with that value at `path`, or nothing.
    func replacing(_ path: ArraySlice<AppStep>, by value: AppValue?) -> AppValue {
        guard let step = path.first else { return value ?? .null }
        let rest = path.dropFirst()
        switch (step, self) {
        case (.key(let name), .object(var members)):
            if rest.isEmpty {
                members[name] = value
            } else {
                members[name] = members[name]?.replacing(rest, by: value)
            }
            return .object(members)
        case (.index(let index), .list(var items)) where items.indices.contains(index):
            if !rest.isEmpty {
                items[index] = items[index].replacing(rest, by: value)
            } else if let value {
                items[index] = value
            } else {
                items.remove(at: index)
            }
            return .list(items)
        default: return self
        }
    }
}
