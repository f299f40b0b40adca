public import Daemons

extension LabWorld {
    /// When something happens next by itself; nil for never.
    public var nextEvent: Moment? {
        switch (agenda.next, zooKeeper.wakes) {
        case (let first?, let second?): min(first, second)
        case (let first, let second): first ?? second
        }
    }

    /// Lets time pass; everything that is due by then happens, in order.
    public mutating func advance(to moment: Moment) {
        while let next = nextEvent, next <= moment {
            now = max(now, next)
            if let wakes = zooKeeper.wakes, wakes <= now {
                moveZooKeeper()
                // It may want to be asked again at once; everything else that is due must have its turn all the same.
                guard let due = agenda.next, due <= now else { continue }
            }
            if let (_, item) = agenda.popDue(at: now) { happen(item) }
        }
        now = max(now, moment)
    }

    private mutating func happen(_ item: AgendaItem) {
        switch item {
        case .machine(let index):
            guard let due = machines[index].scheduled, due <= now else { return }
            machines[index].scheduled = nil
            machines[index].node.advance(to: now)
            settle(index)
        case .wake(let serial):
            guard let due = processes[serial]?.scheduled, due <= now else { return }
            processes[serial]?.scheduled = nil
            hand(.wake, to: serial)
        case .begin(let serial): begin(serial)
        case .deliver(let message, let sender): deliver(message, from: sender)
        case .event(let event, let serial): hand(event, to: serial)
        case .container(let machine, let id, let step): happen(step, to: id, on: machine)
        case .probe(let id, let probe, let serial): answer(probe, id: id, of: serial)
        }
    }

    /// Lets the ensemble get as far as it can now, and tells its clients.
    private mutating func moveZooKeeper() {
        zooKeeper.advance(to: now, over: network)
        for (client, event) in zooKeeper.takeEvents() {
            guard let serial = Int(client.process) else { continue }
            hand(.coordination(event), to: serial)
        }
    }

    /// Puts `wakes` of a machine on the agenda where it is not yet.
    mutating func schedule(machine index: Int) {
        guard let wakes = machines[index].node.wakes else {
            machines[index].scheduled = nil
            return
        }
        let due = max(wakes, now)
        guard machines[index].scheduled != due else { return }
        machines[index].scheduled = due
        agenda.add(.machine(index), at: due)
    }

    /// Puts `wakes` of a daemon on the agenda where it is not yet.
    ///
    /// - Parameters:
    ///   - serial: Of its process.
    ///   - hasWoken: It was just woken, so that the same moment must not come again.
    mutating func schedule(process serial: Int, hasWoken: Bool = false) {
        guard let process = processes[serial] else { return }
        guard let wakes = process.daemon?.wakes else {
            processes[serial]?.scheduled = nil
            return
        }
        let due = max(wakes + -machines[process.machine].node.clockOffsetMilliseconds, hasWoken ? now + 1 : now)
        guard process.scheduled != due else { return }
        processes[serial]?.scheduled = due
        agenda.add(.wake(serial), at: due)
    }
}
