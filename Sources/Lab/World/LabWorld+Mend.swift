public import Specs

extension LabWorld {
    /// Does what a hand in the machine room can: power on, cable in, disk emptied of what `breakSomething` left.
    ///
    /// - Parameter node: Only this one; nil for all.
    /// - Returns: A sentence for each thing done, in the order of the machines.
    /// - Throws: There is no such node.
    public mutating func mend(_ node: NodeName? = nil) throws(LabError) -> [String] {
        if let node { _ = try index(node) }
        var done: [String] = []
        for machine in machines where node == nil || machine.node.name == node {
            let name = machine.node.name
            if !machine.node.isUp, machine.node.bootsAt == nil {
                try inject(.powerOn(name))
                done.append("\(name) has power again.")
            }
            if !network.isPluggedIn(name) {
                try inject(.plugIn(name))
                done.append("\(name) is plugged in again.")
            }
            if machine.node.files.exists(Self.filler) {
                try inject(.emptyDisk(name))
                done.append("The disk of \(name) has room again.")
            }
        }
        return done
    }
}
