// What a scheduler (Marathon) and the leading master say to each other: messages.proto of the driver's protocol, whose
// names have stayed from 0.21 to 1.11.

extension Mesos {
    public struct FrameworkInfo: Hashable, Sendable, Codable {
        /// nil before the first registration.
        public var id: String?
        public var name: String
        public var user: String
        public var role: String
        public var hostname: String
        public var principal: String?
        public var webUIURL: String?
        /// How long its tasks live without it.
        public var failoverTimeoutSeconds: Double
        public var checkpoint: Bool
        /// Such as `PARTITION_AWARE`, `TASK_KILLING_STATE`.
        public var capabilities: [String]

        public init(
            id: String? = nil,
            name: String,
            user: String,
            role: String = "*",
            hostname: String,
            principal: String? = nil,
            webUIURL: String? = nil,
            failoverTimeoutSeconds: Double,
            checkpoint: Bool,
            capabilities: [String] = []
        ) {
            self.id = id
            self.name = name
            self.user = user
            self.role = role
            self.hostname = hostname
            self.principal = principal
            self.webUIURL = webUIURL
            self.failoverTimeoutSeconds = failoverTimeoutSeconds
            self.checkpoint = checkpoint
            self.capabilities = capabilities
        }

        public var json: JSON {
            var object: JSONObject = [
                "user": .string(user), "name": .string(name), "failover_timeout": .number(failoverTimeoutSeconds),
                "checkpoint": .bool(checkpoint), "role": .string(role), "hostname": .string(hostname),
            ]
            object["id"] = id.map { .id($0) }
            object["principal"] = .optional(principal)
            object["webui_url"] = .optional(webUIURL)
            object["capabilities"] = .array(capabilities.map { ["type": .string($0)] })
            return .object(object)
        }

        public init?(_ json: JSON) {
            guard let name = json["name"]?.string else { return nil }
            self.init(
                id: json.id("id"),
                name: name,
                user: json["user"]?.string ?? "",
                role: json["role"]?.string ?? "*",
                hostname: json["hostname"]?.string ?? "",
                principal: json["principal"]?.string,
                webUIURL: json["webui_url"]?.string,
                failoverTimeoutSeconds: json["failover_timeout"]?.double ?? 0,
                checkpoint: json["checkpoint"]?.bool ?? false,
                capabilities: json.list("capabilities") { $0["type"]?.string }
            )
        }
    }

    public struct Offer: Hashable, Sendable, Codable {
        public var id: String
        public var frameworkID: String
        public var agentID: String
        public var hostname: String
        /// Of the agent: where `slave(1)` listens.
        public var endpoint: Endpoint
        public var resources: Resources
        public var attributes: [Attribute]

        public init(
            id: String,
            frameworkID: String,
            agentID: String,
            hostname: String,
            endpoint: Endpoint,
            resources: Resources,
            attributes: [Attribute]
        ) {
            self.id = id
            self.frameworkID = frameworkID
            self.agentID = agentID
            self.hostname = hostname
            self.endpoint = endpoint
            self.resources = resources
            self.attributes = attributes
        }

        public var json: JSON {
            [
                "id": .id(id), "framework_id": .id(frameworkID), "slave_id": .id(agentID),
                "hostname": .string(hostname),
                "url": [
                    "scheme": "http", "path": "/slave(1)",
                    "address": [
                        "hostname": .string(hostname), "ip": .string(endpoint.host), "port": .integer(endpoint.port),
                    ],
                ],
                "resources": resources.json, "attributes": .array(attributes.map(\.json)),
            ]
        }

        public init?(_ json: JSON) {
            guard let id = json.id("id"), let frameworkID = json.id("framework_id"), let agentID = json.id("slave_id"),
                let address = json["url"]?["address"], let ip = address["ip"]?.string, let port = address["port"]?.int
            else { return nil }
            self.init(
                id: id,
                frameworkID: frameworkID,
                agentID: agentID,
                hostname: json["hostname"]?.string ?? "",
                endpoint: Endpoint(ip, port),
                resources: Resources(json["resources"]),
                attributes: json.list("attributes") { Attribute($0) }
            )
        }
    }

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
