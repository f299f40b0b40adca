// What a scheduler (Marathon) and the leading master say to each other: messages.proto of the driver's protocol, whose
// names have stayed from 0.21 to 1.11.

extension Mesos {
    /// The first registration of a framework; answered by `FrameworkRegistered` or `FrameworkError`.
    public struct RegisterFramework: MesosMessage {
        public static let name = "mesos.internal.RegisterFrameworkMessage"
        public var framework: FrameworkInfo

        public init(framework: FrameworkInfo) { self.framework = framework }

        public var body: JSON { ["framework": framework.json] }

        public init?(body: JSON) {
            guard let framework = body["framework"].flatMap({ FrameworkInfo($0) }) else { return nil }
            self.init(framework: framework)
        }
    }

    /// The registration of a framework that has an id.
    ///
    /// `failover` is set by a new scheduler process (it takes the framework over, answered by `FrameworkRegistered`);
    /// a scheduler that met a new master leaves it unset (answered by `FrameworkReregistered`).
    public struct ReregisterFramework: MesosMessage {
        public static let name = "mesos.internal.ReregisterFrameworkMessage"
        public var framework: FrameworkInfo
        public var failover: Bool

        public init(framework: FrameworkInfo, failover: Bool) {
            self.framework = framework
            self.failover = failover
        }

        public var body: JSON { ["framework": framework.json, "failover": .bool(failover)] }

        public init?(body: JSON) {
            guard let framework = body["framework"].flatMap({ FrameworkInfo($0) }), framework.id != nil else {
                return nil
            }
            self.init(framework: framework, failover: body["failover"]?.bool ?? false)
        }
    }

    public struct FrameworkRegistered: MesosMessage {
        public static let name = "mesos.internal.FrameworkRegisteredMessage"
        public var frameworkID: String
        public var master: MasterInfo

        public init(frameworkID: String, master: MasterInfo) {
            self.frameworkID = frameworkID
            self.master = master
        }

        public var body: JSON { ["framework_id": .id(frameworkID), "master_info": master.json] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id"),
                let master = body["master_info"].flatMap({ MasterInfo($0) })
            else { return nil }
            self.init(frameworkID: frameworkID, master: master)
        }
    }

    public struct FrameworkReregistered: MesosMessage {
        public static let name = "mesos.internal.FrameworkReregisteredMessage"
        public var frameworkID: String
        public var master: MasterInfo

        public init(frameworkID: String, master: MasterInfo) {
            self.frameworkID = frameworkID
            self.master = master
        }

        public var body: JSON { ["framework_id": .id(frameworkID), "master_info": master.json] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id"),
                let master = body["master_info"].flatMap({ MasterInfo($0) })
            else { return nil }
            self.init(frameworkID: frameworkID, master: master)
        }
    }

    /// The master refuses the scheduler or ends it (`Framework has been removed`, `Framework failed over`).
    public struct FrameworkError: MesosMessage {
        public static let name = "mesos.internal.FrameworkErrorMessage"
        public var message: String

        public init(message: String) { self.message = message }

        public var body: JSON { ["message": .string(message)] }

        public init?(body: JSON) {
            guard let message = body["message"]?.string else { return nil }
            self.init(message: message)
        }
    }

    public struct ResourceOffers: MesosMessage {
        public static let name = "mesos.internal.ResourceOffersMessage"
        public var offers: [Offer]

        public init(offers: [Offer]) { self.offers = offers }

        public var body: JSON {
            [
                "offers": .array(offers.map(\.json)),
                "pids": .array(offers.map { .string("slave(1)@\($0.endpoint)") }),
            ]
        }

        public init?(body: JSON) { self.init(offers: body.list("offers") { Offer($0) }) }
    }

    public struct RescindOffer: MesosMessage {
        public static let name = "mesos.internal.RescindResourceOfferMessage"
        public var offerID: String

        public init(offerID: String) { self.offerID = offerID }

        public var body: JSON { ["offer_id": .id(offerID)] }

        public init?(body: JSON) {
            guard let offerID = body.id("offer_id") else { return nil }
            self.init(offerID: offerID)
        }
    }

    /// Uses offers of one agent; what is left of them is declined for `refuseSeconds`.
    public struct LaunchTasks: MesosMessage {
        public static let name = "mesos.internal.LaunchTasksMessage"
        public var frameworkID: String
        public var offerIDs: [String]
        public var tasks: [TaskInfo]
        /// nil for Mesos' default of 5.
        public var refuseSeconds: Double?

        public init(frameworkID: String, offerIDs: [String], tasks: [TaskInfo], refuseSeconds: Double? = nil) {
            self.frameworkID = frameworkID
            self.offerIDs = offerIDs
            self.tasks = tasks
            self.refuseSeconds = refuseSeconds
        }

        public var body: JSON {
            [
                "framework_id": .id(frameworkID), "offer_ids": .ids(offerIDs), "tasks": .array(tasks.map(\.json)),
                "filters": filters(refuseSeconds),
            ]
        }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(
                frameworkID: frameworkID,
                offerIDs: body.ids("offer_ids"),
                tasks: body.list("tasks") { TaskInfo($0) },
                refuseSeconds: body["filters"]?["refuse_seconds"]?.double
            )
        }
    }

    /// `LaunchTasks` without tasks on the drivers' wire; a message of its own here, as the scheduler's call is.
    public struct DeclineOffers: MesosMessage {
        public static let name = "mesos.scheduler.Call.Decline"
        public var frameworkID: String
        public var offerIDs: [String]
        public var refuseSeconds: Double?

        public init(frameworkID: String, offerIDs: [String], refuseSeconds: Double? = nil) {
            self.frameworkID = frameworkID
            self.offerIDs = offerIDs
            self.refuseSeconds = refuseSeconds
        }

        public var body: JSON {
            [
                "framework_id": .id(frameworkID), "offer_ids": .ids(offerIDs), "filters": filters(refuseSeconds),
            ]
        }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(
                frameworkID: frameworkID,
                offerIDs: body.ids("offer_ids"),
                refuseSeconds: body["filters"]?["refuse_seconds"]?.double
            )
        }
    }

    /// Drops all filters of the framework.
    public struct ReviveOffers: MesosMessage {
        public static let name = "mesos.internal.ReviveOffersMessage"
        public var frameworkID: String

        public init(frameworkID: String) { self.frameworkID = frameworkID }

        public var body: JSON { ["framework_id": .id(frameworkID)] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(frameworkID: frameworkID)
        }
    }

    /// From the scheduler to the master, and from the master on to the agent.
    public struct KillTask: MesosMessage {
        public static let name = "mesos.internal.KillTaskMessage"
        public var frameworkID: String
        public var taskID: String

        public init(frameworkID: String, taskID: String) {
            self.frameworkID = frameworkID
            self.taskID = taskID
        }

        public var body: JSON { ["framework_id": .id(frameworkID), "task_id": .id(taskID)] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id"), let taskID = body.id("task_id") else { return nil }
            self.init(frameworkID: frameworkID, taskID: taskID)
        }
    }

    /// From the agent through the master to the scheduler; repeated by the agent until it is acknowledged.
    public struct StatusUpdate: MesosMessage {
        public static let name = "mesos.internal.StatusUpdateMessage"
        public var frameworkID: String
        public var status: TaskStatus

        public init(frameworkID: String, status: TaskStatus) {
            self.frameworkID = frameworkID
            self.status = status
        }

        public var body: JSON {
            var update: JSONObject = ["framework_id": .id(frameworkID), "status": status.json]
            update["slave_id"] = status.agentID.map { .id($0) }
            update["timestamp"] = .number(status.timestamp)
            update["uuid"] = .optional(status.uuid)
            return ["update": .object(update)]
        }

        public init?(body: JSON) {
            guard let update = body["update"], let frameworkID = update.id("framework_id"),
                let status = update["status"].flatMap({ TaskStatus($0) })
            else { return nil }
            self.init(frameworkID: frameworkID, status: status)
        }
    }

    /// From the scheduler to the master, and from the master on to the agent.
    public struct StatusUpdateAcknowledgement: MesosMessage {
        public static let name = "mesos.internal.StatusUpdateAcknowledgementMessage"
        public var agentID: String
        public var frameworkID: String
        public var taskID: String
        public var uuid: String

        public init(agentID: String, frameworkID: String, taskID: String, uuid: String) {
            self.agentID = agentID
            self.frameworkID = frameworkID
            self.taskID = taskID
            self.uuid = uuid
        }

        public var body: JSON {
            [
                "slave_id": .id(agentID), "framework_id": .id(frameworkID), "task_id": .id(taskID),
                "uuid": .string(uuid),
            ]
        }

        public init?(body: JSON) {
            guard let agentID = body.id("slave_id"), let frameworkID = body.id("framework_id"),
                let taskID = body.id("task_id"), let uuid = body["uuid"]?.string
            else { return nil }
            self.init(agentID: agentID, frameworkID: frameworkID, taskID: taskID, uuid: uuid)
        }
    }

    /// Asks for the state of the tasks named, or of every task of the framework when none is; answered by `StatusUpdate`s
    /// with `REASON_RECONCILIATION` and without uuid.
    public struct ReconcileTasks: MesosMessage {
        public static let name = "mesos.internal.ReconcileTasksMessage"
        public var frameworkID: String
        public var statuses: [TaskStatus]

        public init(frameworkID: String, statuses: [TaskStatus] = []) {
            self.frameworkID = frameworkID
            self.statuses = statuses
        }

        public var body: JSON { ["framework_id": .id(frameworkID), "statuses": .array(statuses.map(\.json))] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(frameworkID: frameworkID, statuses: body.list("statuses") { TaskStatus($0) })
        }
    }

    /// An agent is gone, and with it its offers and tasks.
    public struct LostAgent: MesosMessage {
        public static let name = "mesos.internal.LostSlaveMessage"
        public var agentID: String

        public init(agentID: String) { self.agentID = agentID }

        public var body: JSON { ["slave_id": .id(agentID)] }

        public init?(body: JSON) {
            guard let agentID = body.id("slave_id") else { return nil }
            self.init(agentID: agentID)
        }
    }

    /// A scheduler ends its framework for good (teardown): all its tasks are killed.
    public struct UnregisterFramework: MesosMessage {
        public static let name = "mesos.internal.UnregisterFrameworkMessage"
        public var frameworkID: String

        public init(frameworkID: String) { self.frameworkID = frameworkID }

        public var body: JSON { ["framework_id": .id(frameworkID)] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(frameworkID: frameworkID)
        }
    }

    /// The scheduler wants no offers for now; its framework stays for its failover timeout.
    public struct DeactivateFramework: MesosMessage {
        public static let name = "mesos.internal.DeactivateFrameworkMessage"
        public var frameworkID: String

        public init(frameworkID: String) { self.frameworkID = frameworkID }

        public var body: JSON { ["framework_id": .id(frameworkID)] }

        public init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(frameworkID: frameworkID)
        }
    }

    private static func filters(_ refuseSeconds: Double?) -> JSON {
        refuseSeconds.map { ["refuse_seconds": .number($0)] } ?? [:]
    }
}
