import Testing

@testable import Specs

@Suite("systemd.network(5) with a link as declared")
struct NetworkdEditTests {
    private static let settings = LinkSettings(
        interface: "eth0",
        address: "10.16.40.1",
        prefix: 23,
        gateway: "10.16.41.254",
        nameservers: ["8.8.8.8", "8.8.4.4"]
    )

    @Test
    func `DHCP for IPv4 ends, for IPv6 it stays, and the old line becomes a comment`() throws {
        let text = "[Match]\nName=eth0\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nUseMTU=yes\n"
        #expect(
            try NetworkdEdit.edit(text, to: Self.settings).text == """
                [Match]
                Name=eth0

                [Network]
                #DHCP=yes
                DHCP=ipv6
                Address=10.16.40.1/23
                Gateway=10.16.41.254
                DNS=8.8.8.8 8.8.4.4

                [DHCPv4]
                UseMTU=yes

                """
        )
    }

    @Test
    func `IPv6 and comments stay where they are`() throws {
        let text = """
            # site's own
            [Match]
            Name = eth0
            [Network]
            Address=fd00::1/64
            Address=10.16.40.1/24
            ; the router
            Gateway=fd00::fe
            Gateway=10.16.40.254
            DNS=1.1.1.1
            DNS=9.9.9.9
            """
        let expected = text.replacing("10.16.40.1/24", with: "10.16.40.1/23")
            .replacing("Gateway=10.16.40.254", with: "Gateway=10.16.41.254")
            .replacing("DNS=1.1.1.1\nDNS=9.9.9.9", with: "DNS=8.8.8.8 8.8.4.4")
        #expect(try NetworkdEdit.edit(text, to: Self.settings).text == expected)
    }

    @Test(arguments: [
        "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n",
        "[Match]\nName=eth0\n[Network]\nAddress=10.16.40.1/24",
        "[Match]\nName=eth0\n\n[Network]\nDHCP=true\nDNS=\n\n",
    ])
    func `edited once it is as declared, and a second edit changes nothing`(text: String) throws {
        let once = try NetworkdEdit.edit(text, to: Self.settings)
        let twice = try NetworkdEdit.edit(once.text, to: Self.settings)
        #expect(twice.text == once.text)
        #expect(twice.before.address == "10.16.40.1" && twice.before.prefix == 23)
        #expect(twice.before.gateway == "10.16.41.254" && twice.before.nameservers == ["8.8.8.8", "8.8.4.4"])
    }

    @Test(arguments: [
        ("[Match]\nName=eth*\n[Network]\nDHCP=yes\n", "alone"),
        ("[Match]\nName=eth0\nMACAddress=0:0:0:0:0:1\n[Network]\nDHCP=yes\n", "alone"),
        ("[Match]\nName=eth0\n[Network]\nAddress=10.16.40.1/23\nAddress=10.16.40.2/23\n", "2 IPv4 addresses"),
        ("[Match]\nName=eth0\n[Network]\nDHCP=yes\n[Route]\nGateway=10.0.0.1\n", "[Route]"),
        ("[Match]\nName=eth0\n[Network]\nLLDP=yes\n", "neither an IPv4 address nor DHCP"),
        ("[Match]\nName=eth0\n[Network]\nDNS=1.1.1.1 \\\n  2.2.2.2\n", "goes on in the next"),
        ("[Match]\nName=eth0\nwhat\n", "none of systemd's"),
    ])
    func `a file of another making is not edited, with words`(text: String, words: String) {
        do throws(LinkFileFault) {
            let edit = try NetworkdEdit.edit(text, to: Self.settings)
            Issue.record("edited: \(edit.text)")
        } catch {
            #expect(error.words.contains(words), "\(error.words)")
        }
    }
}
