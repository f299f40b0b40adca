import Specs

@testable import Daemons

/// What the simulated Marathon itself would make of a definition in the place of the app that is there: the judge of
/// what differs, of what restarts, and of which fields it is about.
struct ServerTruth {
    enum Verdict: Hashable {
        case same
        case differs
        /// A definition and a creating PUT are completed differently (marathon-api.md 3.2): both answers are right.
        case either
    }

    var verdict: Verdict
    /// What it does to the tasks; nil where the ways of reading it differ in it.
    var action: AppServer.Action?
    /// Fields of a GET that come to be another, under their newest names.
    var fields: Set<String>
    /// Those that may, by one of the ways.
    var possible: Set<String>

    /// - Returns: nil for a definition that Marathon refuses in the place of what is there, or anywhere.
    init?(_ definition: AppValue, _ id: String, on server: AppServer) {
        guard let live = server.apps[id] else { return nil }
        let codec = server.codec
        var ways: [(differs: Bool, action: AppServer.Action, fields: Set<String>)] = []
        for origin in [MarathonAppOrigin.creatingPut, .definition] {
            guard let (app, chosen) = server.read(definition, id, origin, in: live) else { return nil }
            let (before, after) = (live.masked(chosen, codec.version), app.masked(chosen, codec.version))
            let restarts = codec.isUpgrade(from: before, to: after)
            let isScaled = before.instances != after.instances
            let fields = Self.fields(codec.json(before), codec.json(after))
            let resources = before.executorResources != after.executorResources
            let action: AppServer.Action =
                restarts
                ? after.instances == 0 && codec.version >= .init(1, 1) ? .scale : .restart
                : isScaled ? .scale : .none
            ways.append((restarts || isScaled || resources, action, fields))
        }
        let verdicts = Set(ways.map(\.differs))
        verdict = verdicts == [true] ? .differs : verdicts == [false] ? .same : .either
        action = Set(ways.map(\.action)).count == 1 ? ways.first?.action : nil
        possible = ways.reduce(into: []) { $0.formUnion($1.fields) }
        fields = ways.reduce(into: possible) { $0.formIntersection($1.fields) }
        if fields.isEmpty, verdict == .differs { verdict = Leniency.verdictOnTheInvisible }
    }

    /// `uris` is told as `fetch`, `ports` as `portDefinitions`: releases up to 1.4 have both.
    static func newest(_ field: String) -> String {
        switch field {
        case "uris": "fetch"
        case "ports": "portDefinitions"
        default: field
        }
    }

    private static func fields(_ before: JSON, _ after: JSON) -> Set<String> {
        let (before, after) = (AppValue(before).members ?? [:], AppValue(after).members ?? [:])
        let untold = Leniency.untold(before, after)
        let names = Set(before.keys).union(after.keys).subtracting(untold)
        return Set(names.filter { unordered(before[$0], $0) != unordered(after[$0], $0) }.map(newest))
    }

    private static func unordered(_ value: AppValue?, _ name: String) -> [AppValue] {
        let sets = ["constraints", "dependencies", "acceptedResourceRoles", "healthChecks"]
        guard sets.contains(name), let items = value?.items else { return value.map { [$0] } ?? [] }
        return items.map { (JSON($0).text, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

extension AppServer {
    /// A whole definition in the place of the app that is there, and the ports it asks for before some are given.
    ///
    /// Checked with its ports, for 0 is no other port than the one that was given.
    /// - Returns: nil where it is refused.
    fileprivate func read(
        _ definition: AppValue,
        _ id: String,
        _ origin: MarathonAppOrigin,
        in live: MarathonApp
    ) -> (app: MarathonApp, chosen: [Int])? {
        var pool = pool
        do {
            let app = try codec.readApp(JSON(definition), id: id, at: Moment(milliseconds: 0), origin: origin)
            var changed = [app]
            try codec.assignPorts(in: &changed, former: { _ in live }, pool: &pool)
            if definition["instances"].map({ $0 == .null }) ?? true { changed[0].instances = live.instances }
            try codec.validate(changed[0], former: live)
            return (changed[0], app.servicePorts)
        } catch { return nil }
    }
}
