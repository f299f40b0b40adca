/// Machines under maintenance and their schedule, the primitives of 0.25 and later (mesos-zk-ops.md 4.4).
struct Maintenance: Hashable, Sendable, Codable {
    struct Machine: Hashable, Sendable, Codable, Comparable {
        var hostname: String
        var ip: String

        init(hostname: String, ip: String) {
            self.hostname = hostname
            self.ip = ip
        }

        init?(_ json: JSON) {
            let names = (json["hostname"]?.string ?? "", json["ip"]?.string ?? "")
            guard names != ("", "") else { return nil }
            self.init(hostname: names.0.lowercased(), ip: names.1)
        }

        var json: JSON {
            var object = JSONObject()
            object["hostname"] = hostname.isEmpty ? nil : .string(hostname)
            object["ip"] = ip.isEmpty ? nil : .string(ip)
            return .object(object)
        }

        static func < (a: Machine, b: Machine) -> Bool { (a.hostname, a.ip) < (b.hostname, b.ip) }
    }

    struct Window: Hashable, Sendable, Codable {
        var machines: [Machine]
        /// The `unavailability` as it was posted: start and duration in nanoseconds.
        var unavailability: JSON
    }

    struct Schedule: Hashable, Sendable, Codable {
        var windows: [Window] = []

        var machines: [Machine] { windows.flatMap(\.machines) }

        var json: JSON {
            guard !windows.isEmpty else { return [:] }
            return [
                "windows": .array(
                    windows.map {
                        [
                            "machine_ids": .array($0.machines.map(\.json)), "unavailability": $0.unavailability,
                        ]
                    }
                )
            ]
        }

        init() {}

        init?(_ json: JSON) {
            guard json.object != nil else { return nil }
            for window in json["windows"]?.array ?? [] {
                guard let unavailability = window["unavailability"], unavailability["start"] != nil else { return nil }
                let machines = window.list("machine_ids") { Machine($0) }
                guard !machines.isEmpty else { return nil }
                windows.append(Window(machines: machines, unavailability: unavailability))
            }
        }
    }

    var schedule = Schedule()
    private(set) var down: Set<Machine> = []

    init() {}

    /// A refusal in the master's words, answered 400.
    struct Refusal: Error, Equatable {
        let message: String
    }

    enum Mode: String {
        case up = "UP"
        case draining = "DRAINING"
        case down = "DOWN"
    }

    func mode(of machine: Machine) -> Mode {
        if down.contains(machine) { return .down }
        return schedule.machines.contains(machine) ? .draining : .up
    }

    func isDown(hostname: String, ip: String) -> Bool {
        !down.isEmpty && down.contains(Machine(hostname: hostname.lowercased(), ip: ip))
    }

    mutating func replace(_ schedule: Schedule) throws(Refusal) {
        var seen: Set<Machine> = []
        for machine in schedule.machines where !seen.insert(machine).inserted {
            throw Refusal(message: "Machine '\(machine.json.text)' appears more than once in the schedule")
        }
        for machine in down.sorted() where !seen.contains(machine) {
            throw Refusal(
                message: "Machine '\(machine.json.text)' is deactivated and cannot be removed from the schedule"
            )
        }
        self.schedule = schedule
    }

    mutating func start(_ machines: [Machine]) throws(Refusal) {
        for machine in machines {
            switch mode(of: machine) {
            case .draining: continue
            case .up: throw Refusal(message: "Machine '\(machine.json.text)' is not part of a maintenance schedule")
            case .down:
                throw Refusal(
                    message: "Machine '\(machine.json.text)' is not in DRAINING mode and cannot be brought down"
                )
            }
        }
        down.formUnion(machines)
    }

    mutating func stop(_ machines: [Machine]) throws(Refusal) {
        for machine in machines where mode(of: machine) != .down {
            let reason =
                mode(of: machine) == .up
                ? "is not part of a maintenance schedule" : "is not in DOWN mode and cannot be brought up"
            throw Refusal(message: "Machine '\(machine.json.text)' \(reason)")
        }
        down.subtract(machines)
        schedule.windows = schedule.windows.compactMap { window in
            let rest = window.machines.filter { !machines.contains($0) }
            return rest.isEmpty ? nil : Window(machines: rest, unavailability: window.unavailability)
        }
    }

    /// `GET /maintenance/status`.
    var status: JSON {
        var object = JSONObject()
        let draining = schedule.machines.filter { !down.contains($0) }
        if !draining.isEmpty { object["draining_machines"] = .array(draining.map { ["id": $0.json] }) }
        if !down.isEmpty { object["down_machines"] = .array(down.sorted().map(\.json)) }
        return .object(object)
    }

    var machinesInRegistry: JSON? {
        let machines = Set(schedule.machines).union(down).sorted()
        guard !machines.isEmpty else { return nil }
        return [
            "machines": .array(
                machines.map { ["info": ["id": $0.json, "mode": .string(mode(of: $0).rawValue)]] }
            )
        ]
    }

    init(registry: JSON) {
        schedule = registry["schedules"]?.array?.first.flatMap { Schedule($0) } ?? Schedule()
        for machine in registry["machines"]?["machines"]?.array ?? [] {
            guard let info = machine["info"], info["mode"]?.string == Mode.down.rawValue,
                let id = info["id"].flatMap({ Machine($0) })
            else { continue }
            down.insert(id)
        }
    }
}
