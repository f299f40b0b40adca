import Testing

/// Marathon's own Python client, of which nothing is ours, against the Marathons of a served lab.
@Suite struct MarathonClientTests {
    static let releases = [
        ServedLab.Release(
            marathon: "0.8.2",
            mesos: "0.21.1",
            platform: "{os: ubuntu-14.04, init: upstart}",
            net: 101,
            sections: "docker: {package: lxc-docker}"
        ),
        ServedLab.Release(
            marathon: "1.4.13",
            mesos: "1.11.0",
            platform: "{os: debian-12, init: systemd}",
            net: 102
        ),
    ]

    @Test(.timeLimit(.minutes(20)), arguments: releases)
    func `the PyPI client drives an app from its creation to its end`(release: ServedLab.Release) async throws {
        let lab = try ServedLab(release)
        try await lab.whileServed {
            // The leader, then one that hands requests on to it.
            for master in [1, 2] {
                let drive = try await lab.run(
                    180,
                    "/usr/bin/python3",
                    [Self.driver, "--url", lab.marathon(master), "--version", release.marathon, "--deadline", "45"]
                )
                #expect(drive.status == 0, "through \(lab.marathon(master)): \(drive)")
                let passed = drive.output.split(separator: "\n").compactMap { line in
                    line.hasPrefix("ok ") ? String(line.dropFirst(3).prefix { $0 != ":" }) : nil
                }
                #expect(passed == Self.steps(of: release.marathon))
                print("Marathon \(release.marathon) through \(lab.marathon(master))\n\(drive.output)")
            }
        }
    }

    private static var driver: String {
        "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/marathon-client/drive.py"
    }

    /// A driver that forgot a step would pass; this says which there are.
    private static func steps(of release: String) -> [String] {
        let hasEvents = release != "0.8.2"
        return ["ping", "info", "leader"] + (hasEvents ? ["events"] : []) + ["unknown", "create", "duplicate"]
            + ["scale", "update", "restart", "deployments", "versions", "kill", "delete"] + (hasEvents ? ["told"] : [])
    }
}
