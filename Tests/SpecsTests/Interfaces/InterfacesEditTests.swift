import Testing

@testable import Specs

@Suite("interfaces(5) with a link as declared")
struct InterfacesEditTests {
    private static let seed = LinkSettings(
        interface: "eth0",
        address: "10.16.40.1",
        prefix: 23,
        gateway: "10.16.41.254",
        nameservers: ["8.8.8.8"]
    )

    private static let seedText = """
        auto eth0
        #iface eth0 inet dhcp
        iface eth0 inet static
        address 10.16.40.1
        netmask 255.255.254.0
        gateway 10.16.41.254
        dns-nameservers 8.8.8.8

        """

    @Test
    func `DHCP becomes the seed's stanza, its old line a comment`() throws {
        let edit = try InterfacesEdit.edit("auto eth0\niface eth0 inet dhcp\n", to: Self.seed)
        #expect(edit.text == Self.seedText)
        #expect(edit.before == LinkFileReading())
    }

    @Test
    func `the seed's own text is left as it is`() throws {
        let edit = try InterfacesEdit.edit(Self.seedText, to: Self.seed)
        #expect(edit.text == Self.seedText)
        #expect(edit.before.address == "10.16.40.1" && edit.before.prefix == 23)
    }

    private static let foreign = """
        # by hand
        source /etc/network/interfaces.d/*

        auto lo
        iface lo inet loopback

        mapping eth2
        \tscript /usr/local/sbin/choose
        allow-hotplug eth0
        iface eth0 inet static
            address 10.16.40.1/24
            # the old router
            gateway 10.16.40.254   
            up ip route add 10.0.0.0/8 \\
                via 10.16.40.253
            dns-nameserver 1.1.1.1
            dns-nameserver 9.9.9.9

        iface eth0 inet6 auto
        auto eth1
        iface eth1 inet dhcp
        """

    @Test
    func `comments, continued lines and other stanzas stay byte by byte`() throws {
        let edit = try InterfacesEdit.edit(Self.foreign, to: Self.seed)
        let expected = Self.foreign
            .replacing("address 10.16.40.1/24", with: "address 10.16.40.1/23")
            .replacing("gateway 10.16.40.254   ", with: "gateway 10.16.41.254")
            .replacing(
                "    dns-nameserver 1.1.1.1\n    dns-nameserver 9.9.9.9\n",
                with: "    dns-nameservers 8.8.8.8\n"
            )
        #expect(edit.text == expected)
        #expect(edit.before.nameservers == ["1.1.1.1", "9.9.9.9"])
    }

    @Test(arguments: [
        "auto eth0\niface eth0 inet dhcp",
        "iface eth0 inet dhcp\n  hostname here\n  up logger up\nauto eth1\niface eth1 inet manual\n",
        "iface eth0 inet static\naddress 10.16.40.1\nnetmask 24\nbroadcast 10.16.40.255\nnetwork 10.16.40.0",
        "iface eth0 inet static\n\taddress 10.16.40.1\n\tnetmask 255.255.255.0\n",
        seedText, foreign,
    ])
    func `edited once it is as declared, and a second edit changes nothing`(text: String) throws {
        let once = try InterfacesEdit.edit(text, to: Self.seed)
        let twice = try InterfacesEdit.edit(once.text, to: Self.seed)
        #expect(twice.text == once.text)
        #expect(
            twice.before
                == LinkFileReading(
                    address: "10.16.40.1",
                    prefix: 23,
                    gateway: "10.16.41.254",
                    nameservers: ["8.8.8.8"]
                )
        )
    }

    @Test
    func `what was derived from the old netmask is derived from the new one`() throws {
        let text =
            "iface eth0 inet static\naddress 10.16.40.1\nnetmask 24\nbroadcast 10.16.40.255\nnetwork 10.16.40.0\n"
        let edit = try InterfacesEdit.edit(
            text,
            to: LinkSettings(interface: "eth0", address: "10.16.40.1", prefix: 23)
        )
        #expect(
            edit.text
                == "iface eth0 inet static\naddress 10.16.40.1\nnetmask 23\nbroadcast 10.16.41.255\nnetwork 10.16.40.0\n"
        )
    }

    @Test
    func `what is not declared stays`() throws {
        let text = "iface eth0 inet static\naddress 10.16.40.1/23\ngateway 10.16.40.9\ndns-nameservers 1.1.1.1\n"
        let bare = LinkSettings(interface: "eth0", address: "10.16.40.1", prefix: 23)
        #expect(try InterfacesEdit.edit(text, to: bare).text == text)
    }

    @Test(arguments: [
        ("auto eth0\n", "no stanza"),
        ("iface eth0 inet static\naddress 10.16.40.1/23\niface eth0 inet static\naddress 10.16.40.9/23\n", "2 stanzas"),
        ("iface eth0 inet manual\n", "`manual`"),
        ("iface eth0 inet static\nnetmask 255.255.254.0\n", "no `address`"),
        ("iface eth0 inet static\naddress 10.16.40.1/23\naddress 10.16.40.2/23\n", "more than one `address`"),
        ("iface eth0 inet static\naddress 10.16.40.1\nnetmask 255.0.255.0\n", "netmask `255.0.255.0`"),
        ("iface eth0 inet static inherits base\naddress 10.16.40.1/23\n", "inherits"),
        ("iface eth0 inet dhcp\r\n", "carriage returns"),
    ])
    func `a file of another making is not edited, with words`(text: String, words: String) {
        do throws(LinkFileFault) {
            let edit = try InterfacesEdit.edit(text, to: Self.seed)
            Issue.record("edited: \(edit.text)")
        } catch {
            #expect(error.words.contains(words), "\(error.words)")
        }
    }

    @Test(
        "a link that is more than a plain one, or that others rest on, is not changed",
        arguments: [
            ("iface eth0 inet static\n  address 10.16.40.1\n  bridge_ports eth1\n", "`bridge_ports`"),
            ("iface eth0 inet static\n  address 10.16.40.1\n  bond-slaves none\n", "`bond-slaves`"),
            ("iface eth0 inet dhcp\niface eth0.7 inet static\n  address 10.0.0.1\n", "makes eth0.7 of eth0"),
            ("iface eth0 inet dhcp\niface eth0:1 inet static\n  address 10.0.0.1\n", "makes eth0:1 of eth0"),
            ("iface eth0 inet dhcp\niface br0 inet manual\n  bridge-ports eth0 eth1\n", "makes br0 of eth0"),
            ("iface eth0 inet dhcp\niface lan inet manual\n  vlan-raw-device eth0\n", "makes lan of eth0"),
            ("auto eth0=home\niface eth0 inet dhcp\n", "by another stanza"),
            ("mapping eth*\n  script x\niface eth0 inet dhcp\n", "`mapping`"),
        ]
    )
    func entangled(text: String, says: String) {
        let fault = #expect(throws: LinkFileFault.self) { try InterfacesEdit.edit(text, to: Self.seed) }
        #expect(fault?.words.contains(says) == true, "\(String(describing: fault))")
    }
}
