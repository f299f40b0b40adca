import Reconciler
import Testing

@testable import Transport

/// What each distribution's own tools and files say of its network, as recorded, and what is made of it.
@Suite struct NetworkFactTests {
    @Test("Ubuntu 14.04: interfaces(5) owns the link, its lease and docker0 are told apart", arguments: Shell.allCases)
    func trusty(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.network(
            link: """
                1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
                2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT group default qlen 1000\\    link/ether 08:00:27:11:22:33 brd ff:ff:ff:ff:ff:ff
                3: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default \\    link/ether 56:84:7a:fe:97:99 brd ff:ff:ff:ff:ff:ff
                """,
            // iproute2 3.12 shows the links among the addresses.
            addr: """
                1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
                1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
                1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
                2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000\\    link/ether 08:00:27:11:22:33 brd ff:ff:ff:ff:ff:ff
                2: eth0    inet 10.16.40.1/23 brd 10.16.41.255 scope global eth0\\       valid_lft forever preferred_lft forever
                2: eth0    inet6 fe80::a00:27ff:fe11:2233/64 scope link \\       valid_lft forever preferred_lft forever
                3: docker0    inet 172.17.42.1/16 scope global docker0\\       valid_lft forever preferred_lft forever
                """,
            route: """
                default via 10.16.41.254 dev eth0\(" ")
                10.16.40.0/23 dev eth0  proto kernel  scope link  src 10.16.40.1\(" ")
                172.17.0.0/16 dev docker0  proto kernel  scope link  src 172.17.42.1\(" ")
                """
        )
        try root.program("ifup", "exit 1")
        try root.put("10.16.40.1\n", at: "/proc/sys/kernel/hostname")
        try root.put("# written by resolvconf\nnameserver 8.8.8.8\nsearch lan\n", at: "/run/resolvconf/resolv.conf")
        try root.makeDirectory("/etc")
        try root.makeLink("/etc/resolv.conf", to: "../run/resolvconf/resolv.conf")
        try root.put(
            "auto lo\niface lo inet loopback\n\nauto eth0\n#iface eth0 inet dhcp\niface eth0 inet static\naddress 10.16.40.1\n",
            at: "/etc/network/interfaces"
        )
        #expect(
            try await root.network()
                == NetworkAnswer(
                    links: [
                        .init(
                            name: "lo",
                            isUp: true,
                            addresses: ["127.0.0.1/8", "::1/128"],
                            owner: .ifupdown,
                            file: "/etc/network/interfaces"
                        ),
                        .init(
                            name: "eth0",
                            isUp: true,
                            addresses: ["10.16.40.1/23"],
                            owner: .ifupdown,
                            file: "/etc/network/interfaces"
                        ),
                        .init(name: "docker0", isUp: true, addresses: ["172.17.42.1/16"], owner: .unknown),
                    ],
                    gateways: [.init(address: "10.16.41.254", interface: "eth0")],
                    nameservers: ["8.8.8.8"],
                    hostname: "10.16.40.1"
                )
        )
        try root.put("auto eth0\niface eth0 inet dhcp\n", at: "/etc/network/interfaces")
        let leased = try await root.network()
        #expect(leased.links[1].dynamicAddresses == ["10.16.40.1/23"])
    }

    @Test("sourced files and directories of interfaces(5) own links too", arguments: Shell.allCases)
    func sourced(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let names = ["nolink0", "nolink1", "nolink2", "nolink3", "nolink4"]
        try root.network(links: names)
        try root.program("ifup", "exit 1")
        try root.put(
            "source /etc/network/interfaces.d/*.cfg\nsource-directory more.d\niface nolink4 inet manual\n",
            at: "/etc/network/interfaces"
        )
        try root.put("auto nolink0\niface nolink0 inet static\n", at: "/etc/network/interfaces.d/zero.cfg")
        try root.put("iface nolink1 inet static\n", at: "/etc/network/interfaces.d/not-named-so")
        try root.put(
            "iface nolink2 inet6 auto\niface nolink2 inet static\n wpa-psk secret\n",
            at: "/etc/network/more.d/two"
        )
        try root.put("iface nolink3 inet static\n", at: "/etc/network/more.d/three.dpkg-old")
        let links = try await root.network().links
        #expect(links.map(\.name) == names)
        #expect(links.map(\.owner) == [.ifupdown, .unknown, .ifupdown, .unknown, .unknown])
        #expect(links[0].file == "/etc/network/interfaces.d/zero.cfg" && links[2].file == "/etc/network/more.d/two")
        // A file that sources itself ends.
        try root.put(
            "source /etc/network/interfaces\niface nolink0 inet static\n",
            at: "/etc/network/interfaces"
        )
        #expect(try await root.network().links[0].file == "/etc/network/interfaces")
    }

    @Test("Debian 12: systemd-networkd owns the link, and resolved's stub is seen through", arguments: Shell.allCases)
    func bookworm(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.network(
            link: """
                1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
                2: host0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 1a:2b:3c:4d:5e:6f brd ff:ff:ff:ff:ff:ff link-netnsid 0
                4: ens4: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\\    link/ether 1a:2b:3c:4d:5e:70 brd ff:ff:ff:ff:ff:ff\\    altname enp0s4
                """,
            addr: """
                1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
                2: host0    inet 10.16.40.2/24 metric 1024 brd 10.16.40.255 scope global dynamic host0\\       valid_lft 3520sec preferred_lft 3520sec
                2: host0    inet 10.16.40.22/24 brd 10.16.40.255 scope global secondary host0\\       valid_lft forever preferred_lft forever
                2: host0    inet6 fd00::2/64 scope global \\       valid_lft forever preferred_lft forever
                2: host0    inet6 fe80::182b:3cff:fe4d:5e6f/64 scope link \\       valid_lft forever preferred_lft forever
                """,
            route: """
                default proto static \\\tnexthop via 10.16.40.253 dev host0 weight 1 \\\tnexthop via 10.16.40.254 dev host0 weight 1\(" ")
                10.16.40.0/24 dev host0 proto kernel scope link src 10.16.40.2 metric 1024
                """
        )
        try root.put("ADMIN_STATE=unmanaged\n", at: "/run/systemd/netif/links/1")
        try root.put(
            "# private\nADMIN_STATE=configured\nOPER_STATE=routable\nNETWORK_FILE=/etc/systemd/network/10-host0.network\n",
            at: "/run/systemd/netif/links/2"
        )
        try root.put("nameserver 127.0.0.53\noptions edns0 trust-ad\n", at: "/run/systemd/resolve/stub-resolv.conf")
        try root.put("nameserver 10.16.40.9\nnameserver 8.8.8.8\n", at: "/run/systemd/resolve/resolv.conf")
        try root.makeDirectory("/etc")
        try root.makeLink("/etc/resolv.conf", to: "/run/systemd/resolve/stub-resolv.conf")
        let seen = try await root.network()
        #expect(seen.links.map(\.name) == ["lo", "host0", "ens4"] && seen.links.map(\.isUp) == [true, true, false])
        #expect(seen.links[1].addresses == ["10.16.40.2/24", "10.16.40.22/24", "fd00::2/64"])
        #expect(seen.links[1].dynamicAddresses == ["10.16.40.2/24"])
        #expect(seen.links.map(\.owner) == [.unknown, .networkd, .unknown])
        #expect(seen.links[1].file == "/etc/systemd/network/10-host0.network")
        #expect(seen.gateways.map(\.address) == ["10.16.40.253", "10.16.40.254"])
        #expect(seen.gateways.map(\.interface) == ["host0", "host0"])
        #expect(seen.nameservers == ["10.16.40.9", "8.8.8.8"])
        // What two stacks claim is nobody's that could be told.
        try root.program("ifup", "exit 1")
        try root.put("iface host0 inet static\n", at: "/etc/network/interfaces")
        #expect(try await root.network().links[1].owner == .unknown)
    }

    @Test("netplan's networkd is netplan, and its file is the one that names the link", arguments: Shell.allCases)
    func netplan(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.network(links: ["nolink0"])
        try root.put(
            "ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/10-netplan-nolink0.network\n",
            at: "/run/systemd/netif/links/2"
        )
        try root.put(
            "network:\n  version: 2\n  ethernets:\n    nolink0:\n      addresses: [10.16.40.3/24]\n",
            at: "/etc/netplan/50-cloud-init.yaml"
        )
        try root.put("network:\n  wifis:\n    wlan0: {password: secret}\n", at: "/etc/netplan/60-wifi.yaml")
        let link = try #require(try await root.network().links.last)
        #expect(link.owner == .netplan && link.file == "/etc/netplan/50-cloud-init.yaml")
    }

    @Test("CentOS 7: NetworkManager owns the link by a connection of ifcfg", arguments: Shell.allCases)
    func centos(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.network(links: ["nolink0", "nolink1"])
        // nmcli 1.18 has no column FILENAME for connections: it says so on standard error.
        try root.program(
            "nmcli",
            """
            case $* in
                *device) printf '%s\\n' 'nolink0:connected:System nolink0' 'nolink1:unmanaged:' 'lo:unmanaged:' ;;
                *) echo "Error: invalid field 'FILENAME'" >&2; exit 2 ;;
            esac
            """
        )
        try root.put("DEVICE=nolink0\n", at: "/etc/sysconfig/network-scripts/ifcfg-nolink0")
        try root.put("nameserver 127.0.0.1\nnameserver 8.8.4.4\n", at: "/etc/resolv.conf")
        var links = try await root.network().links
        #expect(links.map(\.owner) == [.networkManager, .unknown])
        #expect(links.map(\.file) == ["/etc/sysconfig/network-scripts/ifcfg-nolink0", ""])
        #expect(try await root.network().nameservers == ["127.0.0.1", "8.8.4.4"])
        try root.program(
            "nmcli",
            """
            case $* in
                *device) printf '%s\\n' 'nolink0:connected:Wired\\: one' ;;
                *) printf '%s\\n' 'Wired\\: one:/etc/NetworkManager/system-connections/one.nmconnection' ;;
            esac
            """
        )
        links = try await root.network().links
        #expect(links[0].file == "/etc/NetworkManager/system-connections/one.nmconnection")
    }

    @Test("a node whose `ip` fails is unknown with its words", arguments: Shell.allCases)
    func failing(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.program("ip", "echo 'Cannot open netlink socket: Protocol not supported' >&2; exit 1")
        guard case .unknown(let reason) = try await root.ask(.network) else { throw Surprise("an answer") }
        #expect(reason.contains("ip -o link: Cannot open netlink socket"))
    }
}

@Suite struct ReachFactTests {
    @Test("connected, refused and silent ports are told apart", arguments: Shell.allCases)
    func outcomes(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let server = try LoopbackServer { _ in "" }
        defer { server.stop() }
        let closed = try ScriptedPeer.closedPort()
        // No name at all, so that nobody is asked for it.
        let answers = try await root.observe(
            .reach(address: "127.0.0.1", port: server.port),
            .reach(address: "127.0.0.1", port: closed),
            .reach(address: "no..name", port: 5050),
            .reach(address: "127.0.0.1", port: server.port)
        )
        #expect(answers[0] == .reach(.connected) && answers[1] == .reach(.refused) && answers[3] == answers[0])
        guard case .reach(.silent(let words)) = answers[2] else { throw Surprise("\(answers[2])") }
        #expect(!words.isEmpty)
    }

    @Test("silent ports are waited for together", arguments: [Shell.dash, .busybox])
    func together(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        // Before /usr/bin/bash: a connection of which nothing comes, until it is given up.
        try root.program(
            "bash",
            """
            trap 'echo end >>"\(root.path)/log"; kill "$!"; exit 143' TERM
            echo begin >>"\(root.path)/log"
            sleep 60 >/dev/null 2>&1 &
            wait
            """
        )
        let answers = try await root.access.observe(
            (1...12).map { .reach(address: "192.0.2.1", port: $0) },
            on: ScratchRoot.node
        )
        #expect(answers.allSatisfy { $0 == .reach(.silent("no answer within 3 s")) }, "\(answers)")
        let log = try root.text("/log").split(separator: "\n")
        #expect(log.filter { $0 == "begin" }.count == 12)
        var (open, most) = (0, 0)
        for line in log {
            open += line == "begin" ? 1 : -1
            most = max(most, open)
        }
        // One after the other there would never be two.
        #expect(most > 3, "\(log)")
    }
}

extension ScratchRoot {
    fileprivate func network() async throws -> NetworkAnswer {
        let answer = try await ask(.network)
        guard case .network(let network) = answer else { throw Surprise("\(answer)") }
        return network
    }

    /// A fake `ip -o` that prints what was recorded.
    func network(link: String, addr: String, route: String) throws {
        for (name, text) in [("link", link), ("addr", addr), ("route", route)] {
            try remember(text + "\n", as: "ip-\(name)")
        }
        try program("ip", #"[ "$1" = -o ] || exit 1; cat "$HERE/ip-$2""#)
    }

    /// Links without addresses, numbered from 2.
    fileprivate func network(links: [String]) throws {
        let lines = links.enumerated().map { index, name in
            "\(index + 2): \(name): <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\\    link/ether 00:00:00:00:00:00"
        }
        try network(link: lines.joined(separator: "\n"), addr: "", route: "")
    }
}
