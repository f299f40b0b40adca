import FoundationEssentials
import Daemons
import Lab
import Reconciler
import Specs
import Testing

@testable import Command

/// What is done to the cluster behind its declaration.
extension PlantedCluster {
    /// What somebody with a shell on the nodes changes; nearly each has a value of its own.
    static let handEdits: [LabFault] = [
        .write(
            path: "/etc/mesos/zk",
            text: "zk://u:\(Self.secret("hand-zk"))@10.16.40.1:2181/mesos\n",
            on: "mesos-slave1"
        ),
        .write(path: "/etc/mesos-slave/http_credentials", text: Self.secret("hand-flag"), on: "mesos-slave1"),
        .write(
            path: "/etc/default/mesos-slave",
            text:
                "MASTER=`cat /etc/mesos/zk`\nX_SECRET=\(Self.secret("hand-default"))\nexport AWS_SECRET_ACCESS_KEY='\(Self.secret("hand-export"))'\n",
            on: "mesos-slave1"
        ),
        .write(
            path: "/etc/mesos/agent-credential",
            text: "agent \(Self.secret("hand-credentials"))\n",
            on: "mesos-slave2"
        ),
        .write(
            path: "/etc/mesos-slave/docker_config",
            text: #"{"auth": "\#(Self.base64("u:" + Self.secret("hand-base64")))"}"#,
            on: "mesos-slave2"
        ),
        .write(path: "/etc/site/token", text: Self.secret("hand-token") + "\n", on: "mesos-slave1"),
        .write(
            path: "/etc/site/jaas.conf",
            text: "Server { x required\n  user_super=\"\(Self.secret("hand-jaas"))\"; };\n",
            on: "mesos-slave1"
        ),
        .write(
            path: "/etc/site/app.conf",
            text: "colour = \(Self.open("edited"))\npassword = \(Self.secret("hand-site"))\n",
            on: "mesos-slave1"
        ),
        .write(
            path: "/etc/apt/sources.list.d/site.list",
            text: "deb http://u:\(Self.secret("hand-source"))@repo.example.org/debian bookworm main\n",
            on: "mesos-slave1"
        ),
        .write(
            path: "/etc/docker/daemon.json",
            text: #"{"log-opts": {"splunk-token": "\#(Self.secret("hand-daemon"))"}}"#,
            on: "mesos-slave2"
        ),
        .write(
            path: "/etc/haproxy-marathon-bridge/header",
            text: "listen s\n  stats auth ops:\(Self.secret("hand-stats"))\n",
            on: "mesos-master2"
        ),
        .write(
            path: "/etc/default/marathon",
            text: "MARATHON_HTTP_CREDENTIALS=ops:\(Self.secret("hand-marathon"))\n",
            on: "mesos-master3"
        ),
        .write(
            path: "/etc/mesos-slave/hadoop_home",
            text: "/x --password=\(Self.secret("hand-argv"))",
            on: "mesos-slave1"
        ),
        // It starts again with what is there now.
        .kill(.mesosAgent, on: "mesos-slave1"), .kill(.marathon, on: "mesos-master3"),
    ]

    /// As somebody at Marathon's own pages would.
    func editApp() throws {
        let text = Self.shop.replacing(
            Self.secret("clear-env"),
            with: Self.secret("hand-app")
        )
        .replacing(Self.secret("clear-env-url"), with: Self.secret("hand-app-url"))
        .replacing("x-${env:PLAIN}", with: "x-" + Self.secret("hand-plain"))
        .replacing(#""${env:DB}""#, with: #""old""#).replacing(
            Self.open("app"),
            with: Self.open("live")
        )
        let password = try #require(Self.variables["MARATHON_PASSWORD"])
        let lab = try self.lab()
        let reply = try lab.change { world throws(LabError) -> HTTPResponse? in
            world.advance(to: world.now + 60_000)
            for listener in world.listeners where listener.service == .marathon {
                let request = HTTPRequest(
                    "PUT",
                    "/v2/apps//shop",
                    headers: [
                        HTTPField("Authorization", "Basic \(Self.base64("ops:" + password))"),
                        HTTPField("Content-Type", "application/json"), HTTPField("Host", listener.endpoint.host),
                    ],
                    body: Array(text.utf8),
                    client: "10.16.40.99"
                )
                guard case .response(let response) = world.http(request, to: listener.endpoint) else { continue }
                if response.status < 300 { return response }
            }
            return nil
        }
        #expect(reply != nil, "nobody takes the edit of the app")
    }
}
