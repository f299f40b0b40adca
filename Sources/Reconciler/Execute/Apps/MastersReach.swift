internal import Specs

/// The declared Mesos masters, asked what their agents have free when an app does not come up.
struct MastersReach: Sendable {
    var reach: RESTReach
    /// In the order in which they are asked; only the leading one's answer counts.
    var places: [ServicePlace]

    /// The leading master's active agents, by host; nil where none of the masters tells.
    ///
    /// A standby answers with its own empty view up to 0.28 and redirects from 1.0 (mesos-zk-ops.md 5.1).
    func agents() async -> [AgentRoom]? {
        for place in places {
            let reply = await reach.ask(RESTQuestion(.mesosMaster, at: place, MesosListing.allPaths))
            if let listing = reply.read("/state", MesosListing.init).value, listing.isLeaders { return listing.rooms }
        }
        return nil
    }
}
