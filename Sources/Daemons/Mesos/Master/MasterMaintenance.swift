extension MesosMaster {
    /// The last task of a draining agent may have ended.
    mutating func drainedPerhaps(_ id: String, _ now: Moment) {
        guard var drain = registrar.registry.agents[id]?.drain, !drain.isDrained, agents[id]?.tasks.isEmpty == true
        else { return }
        drain.isDrained = true
        change(.deactivate(id: id, drain), now)
        if drain.marksGone { change(.remove(id: id), now) }
    }
}
