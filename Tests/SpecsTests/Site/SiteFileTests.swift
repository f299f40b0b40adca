import Testing

@testable import Specs

@Suite struct SiteFileTests {
    // MARK: What is read

    @Test func theNearestDeclarationOfAPathCounts() throws {
        let (reading, _) = SiteSample.read(
            "files: {/etc/motd: {content: \"all\\n\"}, /etc/issue: {content: \"all\\n\"}}",
            node: "files: {/etc/issue: {content: \"a ${var:region}\\n\", mode: 0640, owner: root, group: adm}}",
            role: "files: {/etc/motd: {content: \"agents\\n\"}}"
        )
        let desired = try SiteSample.desired(reading)
        func texts(_ node: NodeName) -> [String] {
            desired.node(node)?.siteFiles.map { file in
                guard case .whole(let content) = file.body else { return "?" }
                return "\(file.path) \(content.shown) \(file.reason.text)"
            } ?? []
        }
        #expect(
            texts("a") == [
                "/etc/issue a east\n nodes.a.files./etc/issue", "/etc/motd agents\n roles.mesos-agent.files./etc/motd",
            ]
        )
        #expect(texts("m") == ["/etc/issue all\n files./etc/issue", "/etc/motd all\n files./etc/motd"])
        let issue = try #require(desired.node("a")?.siteFiles.first)
        #expect((issue.mode, issue.owner, issue.group) == (0o640, "root", "adm"))
        #expect(issue.comparison == .exact && issue.readBy.isEmpty && issue.reason.position?.file == "cluster.yaml")
    }

    @Test func aFileOfTheRepositoryIsTakenAsItIs() throws {
        let script = "#!/bin/sh\necho ${var:-none} ${env:HOME} \\n\r\n"
        let (reading, _) = SiteSample.read(
            "files: {/usr/local/bin/x: {source: files/x.sh, mode: 0755}}",
            files: ["files/x.sh": script]
        )
        let spec = try reading.checked()
        #expect(spec.files.first?.text == Content(script))
        #expect(spec.secretReferences.isEmpty)
        #expect(
            try SiteSample.desired(reading).nodes.allSatisfy { $0.siteFiles.map(\.body) == [.whole(Content(script))] }
        )
    }

    @Test func secretsStayReferencesAndAreForRootAlone() throws {
        let (reading, _) = SiteSample.read("files: {/etc/x.conf: {content: \"key=${env:KEY}\\n\"}}")
        let spec = try reading.checked()
        #expect(spec.secretReferences == [.environment("KEY")])
        #expect(try SiteSample.desired(reading).node("plain")?.siteFiles.first?.mode == 0o600)
        #expect(reading.warnings.isEmpty)
    }

    @Test(arguments: [
        ("1️⃣gone.sh", "there is no file `gone.sh`; paths are relative to cluster.yaml"),
        ("1️⃣large", "a file can have 1 MiB"), ("1️⃣latin1", "is no text in UTF-8"), ("1️⃣nul", "is no text in UTF-8"),
        ("1️⃣secret", "secret: permission denied"),
    ])
    func aSourceThatCannotBeTakenIsNamedAtItsPlace(source: String, says: String) throws {
        let marked = MarkedText(SiteSample.cluster("files: {/etc/x: {source: \(source)}}"))
        var files = MemorySource(["cluster.yaml": marked.text, "nul": "a\0b"])
        files.files["large"] = Array(repeating: 0x61, count: (1 << 20) + 1)
        files.files["latin1"] = [0x66, 0xFC, 0x72]
        files.unreadable = ["secret"]
        let errors = SpecReader.read("cluster.yaml", from: files).errors
        #expect(errors.count == 1 && errors.first?.position == marked.marks.first, "\(errors)")
        #expect(errors.first?.description.contains(says) == true, "\(errors)")
    }

    // MARK: Whose places are whose

    /// Each line a path, and what its refusal says.
    static let refused: [(path: String, says: String)] = [
        ("/etc/passwd", "decides who may log in"), ("/etc/shadow", "decides who may log in"),
        ("/etc/group", "who may log in"), ("/etc/pam.d/sshd", "who may log in"),
        ("/etc/nsswitch.conf", "who may log in"),
        ("/etc/ssh/sshd_config", "who may log in"), ("/etc/ssh/sshd_config.d/10-x.conf", "who may log in"),
        ("/etc/ssh/ssh_host_rsa_key", "who may log in"), ("/root/.ssh/config", "who may log in"),
        ("/root/.ssh/authorized_keys", "by hand, with a second session open"),
        ("/home/erichan/.ssh/authorized_keys2", "who may log in"), ("/srv/authorized_keys", "who may log in"),
        ("/etc/sudoers", "become root"), ("/etc/sudoers.d/ops", "become root"),
        ("/boot/grub/grub.cfg", "keep the node from booting"), ("/etc/fstab", "keep the node from booting"),
        ("/etc/default/grub", "booting"), ("/etc/ld.so.preload", "booting"),
        ("/etc/initramfs-tools/modules", "booting"),
        ("/proc/sys/vm/swappiness", "/etc/sysctl.d"), ("/sys/block/sda/queue/scheduler", "no file on a disk"),
        ("/dev/shm/x", "no file on a disk"), ("/run/x", "gone after a reboot"),
        ("/var/run/x.pid", "gone after a reboot"),
        ("/etc/hosts", "under `network`"), ("/etc/hostname", "under `network`"),
        ("/etc/network/interfaces", "under `network`"), ("/etc/netplan/01.yaml", "under `network`"),
        ("/etc/resolv.conf", "under `network`"), ("/etc/sysconfig/network-scripts/ifcfg-eth0", "under `network`"),
        ("/etc/iptables/rules.v4", "close the port"), ("/etc/nftables.conf", "close the port"),
        ("/usr/bin/python3", "comes with a package"), ("/bin/sh", "comes with a package"),
        ("/lib/systemd/system/x.service", "/etc/systemd/system"), ("/usr/lib/x.so", "comes with a package"),
        ("/var/lib/dpkg/status", "package manager"), ("/var/lib/reconciler/applied", "reconciler's own"),
        ("/etc/cron.d/reconciler-images", "reconciler's own"),
        ("/etc/systemd/system/ssh.service", "cannot be without"),
        ("/etc/systemd/system/ssh.socket", "cannot be without"),
        ("/etc/systemd/system/systemd-networkd.service.d/x.conf", "cannot be without"),
        ("/etc/systemd/system/docker.service", "use the role `docker`"),
        ("/etc/init/marathon.conf", "use the role `marathon`"), ("/etc/init.d/zookeeper", "use the role `zookeeper`"),
        ("/etc/init/ntp.override", "declare it under `services.ntp`"),
        ("/etc/docker/daemon.json", "belongs to the Docker engine on a; declare it under `docker.daemon`"),
        ("/etc/zookeeper/conf/zoo.cfg", "under `zookeeper.config`"), ("/etc/mesos/zk", "under `mesos.zk`"),
        ("/etc/mesos-master/quorum", "under `mesos.master`"), ("/etc/mesos-slave/attributes/rack", "`mesos.agent`"),
        ("/etc/default/mesos-slave", "`mesos.agent`"), ("/etc/marathon/conf/zk", "`marathon.flags`"),
        ("/etc/haproxy/haproxy.cfg", "belongs to the load balancer on m; declare it under `haproxy`"),
        ("/etc/cron.d/haproxy-marathon-bridge", "`haproxy`"), ("/usr/local/bin/haproxy-marathon-bridge", "`haproxy`"),
        ("/etc/haproxy-marathon-bridge/marathons", "`haproxy`"),
        ("/data/zookeeper/myid", "where a daemon keeps its state"), ("/data/mesos/x", "declared at cluster.yaml:"),
        ("/etc/apt/sources.list.d/mesosphere.list", "declare it under `repositories`"),
        ("/etc/apt/keyrings/mesosphere.asc", "declare it under `repositories`"),
        ("/etc/motd/", "is a directory"), ("etc/motd", "is no absolute path"),
        ("/etc/../etc/motd", "takes a detour; write /etc"), ("~/.bashrc", "such as /home/NAME/.bashrc"),
    ]

    @Test(arguments: refused) func aPlaceThatIsSomebodyElsesIsRefused(path: String, says: String) {
        let (reading, marks) = SiteSample.read("files: {1️⃣\"\(path)\": {content: \"x\\n\", owner: root}}")
        let fault = reading.errors.first { $0.description.contains(says) }
        #expect(fault != nil, "\(reading.errors)")
        #expect(fault?.position == marks.first)
        #expect(reading.spec == nil && reading.errors.count == 1)
        #expect(fault?.hint != nil || says.contains("absolute"))
    }

    @Test(arguments: [
        "/etc/motd", "/etc/profile.d/prompt.sh", "/etc/sysctl.d/60-vm.conf", "/usr/local/bin/tool", "/opt/x/conf",
        "/home/erichan/.bashrc", "/root/.bashrc", "/etc/cron.d/cleanup", "/etc/systemd/system/site.service",
        "/etc/systemd/system/docker.service.d/proxy.conf", "/etc/init/site.conf", "/etc/ntp.conf",
        "/etc/ssh/ssh_config",
        "/etc/security/limits.d/90-site.conf", "/etc/default/ntp", "/etc/apt/sources.list.d/other.list",
        "/etc/passwd.d/x", "/etc/hosts.local", "/bootstrap/x", "/etc/mesos/acls.json", "/data/zookeeper2/x",
        "/usr/share/x/y", "/etc/ssh2/sshd_config",
    ])
    func anyOtherPlaceIsTheSites(path: String) throws {
        let (reading, _) = SiteSample.read("files: {\(path): {content: \"x\\n\", owner: erichan}}")
        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
    }

    @Test func whereARoleIsNotItsPlaceIsFree() {
        let (reading, _) = SiteSample.read(
            "",
            node: "files: {/etc/haproxy/haproxy.cfg: {content: \"x\\n\"}, /etc/zookeeper/x: {content: \"x\\n\"}}"
        )
        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
    }

    @Test(arguments: [
        ("files: {/run.d/x: {content: x}, /etc/a: {content: x}, 1️⃣/etc/a/b: {content: x}}", "nothing can be below it"),
        (
            "files: {/etc/init.d/x: {content: x}, 1️⃣/etc/rc.d/init.d/x: {content: x}}",
            "is the same place as `/etc/init.d/x`; declared at cluster.yaml"
        ),
        ("files: {/etc/a: {content: x, owner: 1️⃣1000}}", "is a name, not a number"),
        ("files: {/etc/a: {content: x, group: 1️⃣0}}", "write the name that belongs to 0"),
    ])
    func whatCannotBeIsRefused(text: String, says: String) {
        let (reading, marks) = SiteSample.read(text)
        let fault = reading.errors.first { $0.description.contains(says) }
        #expect(fault?.position == marks.first && reading.errors.count == 1, "\(reading.errors)")
    }

    @Test(arguments: [
        ("{/home/erichan/.bashrc: {content: x}}", "would belong to root; add `owner: erichan`"),
        ("{/etc/a: {content: x, mode: 0666}}", "everyone may write"),
        ("{/etc/a: {content: \"${env:X}\", mode: 0644}}", "holds a secret that everyone on the node may read"),
        ("{/etc/a: {content: \"password=hunter2\\n\"}}", "is written in clear; use ${env:…}"),
        ("{/etc/cron.d/a.sh: {content: \"x\\n\"}}", "cron passes over a file named `a.sh`"),
        ("{/etc/cron.d/a: {content: x}}", "cron passes over a table whose last line does not end"),
    ])
    func whatIsLikelyNotMeantIsWarnedOf(files: String, says: String) {
        let (reading, _) = SiteSample.read("files: \(files)")
        #expect(reading.errors.isEmpty, "\(reading.errors)")
        #expect(reading.warnings.count == 1 && reading.warnings[0].description.contains(says), "\(reading.warnings)")
    }

    @Test func twoRolesOfOneNodeMayNotDisagree() {
        let text = SiteSample.cluster("").replacing(
            "roles:\n",
            with: """
                roles:
                  docker: {files: {/etc/a: {content: engine}, /etc/b: {content: same}}}

                """
        ).replacing("flags: {}", with: "files: {1️⃣/etc/a: {content: agent}, /etc/b: {content: same}}")
        let marked = MarkedText(text)
        let errors = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": marked.text])).errors
        #expect(errors.map(\.position) == marked.marks, "\(errors)")
        #expect(errors.first?.message.contains("and a has both roles") == true)
        let settled = marked.text.replacing("hostname: a", with: "files: {/etc/a: {content: own}}")
        #expect(SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": settled])).errors.isEmpty)
    }
}
