public import Specs

/// Something that happens to the lab from outside, as it happens to real clusters.
public enum LabFault: Hashable, Sendable, Codable {
    /// The host is gone at once, without a word to anyone.
    case powerOff(NodeName)
    case powerOn(NodeName)
    case reboot(NodeName)
    /// Its network cable: nobody reaches it, and it reaches nobody.
    case unplug(NodeName)
    case plugIn(NodeName)
    /// Packets between these two are lost; both still reach everybody else.
    case cut(NodeName, NodeName)
    case mend(NodeName, NodeName)
    /// `kill -9` of its main process; its supervisor may start it again.
    case kill(ServiceName, on: NodeName)
    /// Stopped by hand, through the init system.
    case stop(ServiceName, on: NodeName)
    case start(ServiceName, on: NodeName)
    /// Written by hand, with an editor.
    case write(path: String, text: String, on: NodeName)
    case delete(path: String, on: NodeName)
    case fillDisk(NodeName)
    case emptyDisk(NodeName)
    case loseImage(String, on: NodeName)
    /// An image of that name is there, as if somebody had loaded it; where no engine is installed yet, its data directory
    /// holds it for the first one.
    case addImage(String, on: NodeName)
    case stopEngine(NodeName)
    case startEngine(NodeName)
    /// Added to the node's clock.
    case skewClock(seconds: Int, on: NodeName)
    /// Every installation takes that much longer; 0 ends it.
    case slowPackages(seconds: Int, on: NodeName)
    /// The connection of the next visit that acts breaks when that many of its actions are done.
    case breakVisit(afterActions: Int, on: NodeName)
    /// The next image that is brought to it breaks off half-way, once.
    case cutTransfer(to: NodeName)
    /// Messages between daemons that are sent in the next seconds get lost, `percent` of them.
    case loseMessages(percent: Int, seconds: Int)
    /// What every probe of the tasks of an app finds from now on; nil lets them answer for themselves.
    case health(app: String, isHealthy: Bool?)
    /// An app's number of instances, changed by hand through Marathon's REST.
    case scale(app: String, instances: Int)
}

/// What `lab break` does: a fault with targets of its own choice.
public enum LabBreak: String, Hashable, Sendable, Codable, CaseIterable {
    case handEditedFile = "hand-edited-file"
    case strayFlagFile = "stray-flag-file"
    case deadHost = "dead-host"
    case stoppedService = "stopped-service"
    case killedLeader = "killed-leader"
    case scaledApp = "scaled-app"
    case lostImage = "lost-image"
    case fullDisk = "full-disk"
    case cutTransfer = "cut-transfer"
}
