import Testing

@testable import Specs

@Suite struct AllKeysTests {
    static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE3vVN1YJ2wXQ0n0Y2xvY2tzYXJlZnVuYW5kdGVzdGFi root@bare"

    static let text = """
        version: 1
        cluster: everything
        vars: {region: east, pw: "${env:DB_PASSWORD}"}
        ssh: {user: ops, port: 2222, become: none, identityFile: ~/.ssh/id, connectTimeout: 15secs}
        platform: {os: debian-12, init: systemd, packages: apt}
        versions: {zookeeper: 3.8.0, mesos: 1.11.0, marathon: 1.11.24, docker: 20.10.24, haproxy: 2.6.12}
        nodes:
          m1:
            address: 10.0.0.1
            roles: [zookeeper, mesos-master, marathon, haproxy]
            ssh: bastion-m1
            hostKey: \(key)
            hostname: m1.example.org
            flags:
              mesos-master: {log_auto_initialize: no}
            files:
              /etc/motd: {content: "hello ${var:region}", owner: root, group: root, mode: 0644}
            services:
              ntp: {boot: on, running: yes}
          a1:
            address: fd00::11
            roles: [mesos-agent, docker]
            ssh: {user: root, port: 22, become: none, identityFile: key, connectTimeout: 5}
            attributes: {rack: r1}
            resources: {cpus: 4, ports: [31000-32000, 33000-34000]}
            flags:
              mesos-agent: {containerizers: "docker,mesos", executor_registration_timeout: 10mins}
        roles:
          mesos-agent:
            flags: {switch_user: false}
            files: {/etc/x.conf: {source: files/x.conf}}
            services: {chrony: {boot: off}}
        zookeeper:
          ensemble: {7: m1}
          config: {tickTime: 2000, 4lw.commands.whitelist: "srvr,mntr"}
          dataDir: /data/zookeeper
          ports: {client: 2182, quorum: 2889, election: 3889}
        mesos:
          zk: /mesos
          quorum: 1
          cluster: "East ${var:region}"
          httpCredentials: ops:${env:MESOS_PASSWORD}
          https: yes
          authority: tls/mesos.pem
          master:
            flags: {quiet: yes}
            workDir: /data/mesos
            credentials: {credentials: [{principal: marathon, secret: "${env:MESOS_SECRET}"}]}
            acls: {permissive: true}
          agent:
            containerizers: docker,mesos
            executor_registration_timeout: 5mins
            flags: {docker_remove_delay: 1hrs}
            attributes: {zone: a}
            resources: {mem: 8192}
            workDir: /data/agent
            credentials: ${file:agent.json}
        marathon:
          zk: /marathon
          flags: {task_launch_timeout: 600000, http_port: 8080}
          httpCredentials: admin:${env:MARATHON_PASSWORD}
          token: ${file:token}
          https: true
          authority: tls/marathon.pem
          endpoint: https://marathon.example.org
        docker:
          package: docker.io
          daemon: {insecure-registries: ["r.local:5000"], live-restore: true, log-driver: json-file}
        images:
          web: {from: build-host, build: images/web, to: agents, arch: amd64}
          db: {tar: images/db.tar, to: [a1]}
          r.example.org/x/y:1.0: {to: derived, via: registry}
        transfer: {parallel: 2, bandwidth: 50MB/s, fanout: tree}
        apps: apps/*.yaml
        deployments: {deadline: 15mins, onFailure: restore, /web: {deadline: 1hrs, onFailure: wait}}
        haproxy:
          marathons: [localhost:8080, "[::1]:8080"]
          bind: 10.0.0.1
          stats: {bind: 10.0.0.1:9090, credentials: "admin:${env:STATS}"}
          maxconn: 4096
          timeouts: {connect: 5000, client: 50s, server: 50s}
        repositories:
          mesosphere:
            uri: http://repos.example.org/debian
            suite: bookworm
            components: [main]
            key: keys/mesosphere.asc
            fingerprint: 81026D0004C44CF7EF55ADF8DF7D54CBE56151BF
        hold: [mesos, marathon]
        network:
          interface: eth0
          netmask: 255.255.254.0
          gateway: 10.0.0.254
          nameservers: [8.8.8.8]
          hosts: {registry.local: 10.0.0.5}
          enforce: true
        files:
          /etc/site.conf: {source: files/site.conf, mode: 0o600}
        services:
          rsyslog: {boot: on, running: true}
        policy:
          agentsAtOnce: 2
          prune: {flagFiles: always, images: never, apps: {mode: confirm, under: [/web]}}
          consent: ["recreate-app:/web", wipe-replicated-log]
          protect: [/core]
          ignore: {app: /web, fields: [instances]}
          budget: {tasksRestarted: 20%, nodes: 2}
        watch:
          interval: 5mins
          correct: false
          windows: ["Mon-Fri 09:00-17:00"]
          kinds: [files]
          webhook: {url: "https://hooks.example.org/${env:HOOK}", secret: "${file:hook.key}", authority: tls/hooks.pem}
        """

    static let apps = [
        "apps/web.yaml": "id: web\ncontainer: {type: DOCKER, docker: {image: web}}\n",
        "apps/y.yaml": "id: y\ncontainer: {type: DOCKER, docker: {image: 'r.example.org/x/y:1.0'}}\n",
        "images/web/Dockerfile": "FROM scratch\n", "images/db.tar": "",
        "keys/mesosphere.asc": (try? SampleKey.ed25519.text) ?? "",
        "files/x.conf": "x\n", "files/site.conf": "site\n",
    ]

    private func read() -> SpecReading {
        SpecReader.read(
            "cluster.yaml",
            from: MemorySource(Self.apps.merging(["cluster.yaml": Self.text]) { a, _ in a })
        )
    }

    @Test func everyDocumentedKeyIsAccepted() {
        #expect(read().diagnostics == [])
    }

    @Test func valuesArriveAsTheSchemaHasThem() throws {
        let spec = try read().checked()
        let (m1, a1) = (try #require(spec.node("m1")), try #require(spec.node("a1")))
        #expect(spec.ssh.connectTimeout?.value == 15)
        #expect(m1.ssh.alias?.value == "bastion-m1")
        #expect(a1.ssh.port?.value == 22)
        #expect(m1.flags[.mesosMaster]?.first?.value.value.plainText == "no")
        #expect(m1.files.first?.mode?.value == 0o644)
        #expect(m1.files.first?.source.value == .content("hello east"))
        #expect(m1.services.first?.boot?.value == true)
        #expect(a1.resources.map { $0.value.value.plainText } == ["4", "[31000-32000, 33000-34000]"])
        #expect(spec.containerizers(on: a1)?.value == ["docker", "mesos"])
        #expect(spec.executorRegistrationTimeout(on: a1)?.value == "10mins")
        #expect(
            spec.flags(of: .mesosAgent, on: a1).map(\.name.value) == [
                "containerizers", "docker_remove_delay", "executor_registration_timeout", "switch_user",
            ]
        )
        #expect(spec.zookeeper?.ports == ZooKeeperSpec.Ports(client: 2182, quorum: 2889, election: 3889))
        #expect(spec.mesos?.cluster?.value == "East east")
        #expect(spec.mesos?.master.acls?.value == #"{"permissive": true}"#)
        #expect(
            spec.mesos?.master.credentials?.value.shown
                == #"{"credentials": [{"principal": "marathon", "secret": "${env:MESOS_SECRET}"}]}"#
        )
        #expect(spec.mesos?.httpCredentials?.value.shown == "ops:${env:MESOS_PASSWORD}")
        #expect(spec.mesos?.https?.value == true)
        #expect(spec.mesos?.authority?.value == "tls/mesos.pem")
        #expect(spec.marathon?.token?.value == Content([.secret(.file("token"))]))
        #expect(spec.marathon?.authority?.value == "tls/marathon.pem")
        #expect(spec.docker.daemon.map { $0.value.value.plainText } == [#"["r.local:5000"]"#, "true", #""json-file""#])
        #expect(spec.policy.agentsAtOnce == 2)
        #expect(spec.policy.pruneFlagFiles == .always)
        #expect(spec.policy.consent.map(\.value) == ["recreate-app:/web", "wipe-replicated-log"])
    }

    @Test func sectionsOfLaterVersionsArriveToo() throws {
        let other = try read().checked().other
        #expect(other.images.map(\.name.value) == ["web", "db", "r.example.org/x/y:1.0"])
        #expect(other.images.map { $0.to?.value == .agents } == [true, false, false])
        #expect(other.transfer.bandwidth?.value == 50_000_000)
        #expect(other.transfer.fanOut?.value == .tree)
        #expect(other.deployments.all.onFailure?.value == .restore)
        #expect(
            other.deployments.apps.map { "\($0.key.value) \($0.value.deadline?.value.description ?? "")" } == [
                "/web 1hrs"
            ]
        )
        #expect(other.haproxy?.stats.bind?.value == HostPort(host: "10.0.0.1", port: 9090))
        #expect(other.network?.hosts.first?.value.value.plainText == "10.0.0.5")
        #expect(other.policy.tasksRestarted?.value == .percent(20))
        #expect(other.policy.nodes?.value == .count(2))
        #expect(other.policy.ignore.map(\.app.value) == ["/web"])
        #expect(other.watch.interval?.value == .minutes(5))
        let webhook = try #require(other.watch.webhook)
        #expect(webhook.url.value.shown == "https://hooks.example.org/${env:HOOK}")
        #expect(webhook.secretReferences == [.environment("HOOK"), .file("hook.key")])
        #expect(webhook.authority?.value == "tls/hooks.pem")
    }

    @Test func secretsAreReferences() throws {
        let spec = try read().checked()
        #expect(
            spec.secretReferences == [
                .environment("MARATHON_PASSWORD"), .environment("MESOS_PASSWORD"), .environment("MESOS_SECRET"),
                .environment("STATS"), .file("agent.json"), .file("tls/marathon.pem"), .file("token"),
            ]
        )
    }

    /// Each key of the file, misspelt, is found at its place: no part of the file is read past.
    @Test func everyKeyIsKnownByNameAlone() throws {
        let own: Set = [
            "region", "pw", "m1", "a1", "7", "tickTime", "4lw.commands.whitelist", "rack", "cpus", "ports", "zone",
            "mem",
            "web", "db", "r.example.org/x/y:1.0", "connect", "client", "server", "mesosphere", "registry.local", "ntp",
            "chrony",
            "rsyslog",
            "insecure-registries", "live-restore", "log-driver", "principal", "secret", "permissive", "credentials",
        ]
        let source = try SourceText(Array(Self.text.utf8), file: "cluster.yaml", limits: ReadingLimits())
        var keys: [Located<String>] = []
        func collect(_ node: YAMLNode, inFlags: Bool) {
            for entry in node.entries ?? [] {
                if !inFlags { keys.append(entry.key) }
                collect(entry.value, inFlags: inFlags || entry.key.value == "flags" || entry.key.value == "acls")
            }
            for item in node.items ?? [] { collect(item, inFlags: inFlags) }
        }
        collect(try YAMLParser.parse(source).root, inFlags: false)
        let fixed = keys.filter { !own.contains($0.value) && !$0.value.hasPrefix("/") }
        #expect(fixed.count > 110)
        for key in fixed {
            let offset = try #require(source.offset(of: key.position))
            var bytes = source.bytes
            bytes.insert(UInt8(ascii: "x"), at: offset)
            var files = MemorySource(Self.apps)
            files.files["cluster.yaml"] = bytes
            let reading = SpecReader.read("cluster.yaml", from: files)
            let isNamed = reading.errors.contains { error in
                error.position == key.position
                    && (error.message == "unknown key `x\(key.value)`"
                        || error.message.contains("unknown role `x\(key.value)`"))
            }
            #expect(isNamed, "\(key.value): \(reading.errors)")
        }
    }
}
