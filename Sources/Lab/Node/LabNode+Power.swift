public import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// Supervisors' restarts, detached jobs, the end of a boot: all that is due up to now, in its order.
    public mutating func advance(to now: Moment) {
        while let due = wakes, due <= now {
            if let bootsAt, bootsAt <= due { boot(bootsAt) }
            finishJobs(due)
            finishImageJobs(due)
            removeLeftParts(due)
            moveLink(due)
            restartServices(due)
        }
    }

    /// When `advance` has something to do next.
    public var wakes: Moment? {
        var due = bootsAt
        func consider(_ moment: Moment) { due = due.map { min($0, moment) } ?? moment }
        for service in services.all {
            if case .restarting(let at) = service.phase { consider(at) }
        }
        for job in jobs.values { consider(job.ends) }
        for job in imageJobs?.values.map(\.ends) ?? [] { consider(job) }
        if let partsEnd { consider(partsEnd) }
        if let linkGuard, isUp { consider(linkGuard.wakes) }
        return due
    }

    /// An orderly restart: processes get SIGTERM; the node is back after `milliseconds`.
    public mutating func reboot(at now: Moment, takes milliseconds: Int = 45_000) {
        guard isUp else { return }
        for name in services.names { stop(name, now) }
        goDown(now)
        bootsAt = now + milliseconds
    }

    /// As if the plug was pulled.
    public mutating func powerOff(at now: Moment) {
        bootsAt = nil
        guard isUp else { return }
        for name in services.names {
            if let process = services[name]?.process { events.append(.signalled(pid: process.pid, .kill)) }
        }
        goDown(now)
    }

    /// Boots a node that is down; one that boots already goes on.
    public mutating func powerOn(at now: Moment, takes milliseconds: Int = 45_000) {
        if !isUp, bootsAt == nil { bootsAt = now + milliseconds }
    }

    private mutating func goDown(_ now: Moment) {
        cutOffJobs(now)
        (imageJobs, partsEnd) = (nil, nil)
        for name in services.names {
            services[name]?.process = nil
            services[name]?.phase = .stopped
        }
        isUp = false
        events.append(.wentDown)
    }

    /// A new boot: nothing is left of /run, nor of /tmp where the system clears it, and services start.
    private mutating func boot(_ now: Moment) {
        bootsAt = nil
        isUp = true
        kernelHostname = withoutTrailingNewlines(files.read("/etc/hostname") ?? "localhost")
        bootID = numbers.uuid()
        bootedAt = clock(at: now)
        nextPID = 400 + Int(numbers.next() % 400)
        files.remove("/run", at: bootedAt)
        if platform.clearsTmpAtBoot { files.remove("/tmp", at: bootedAt) }
        layRuntime(bootedAt)
        bootLink(now)
        events.append(.booted)
        for name in services.names {
            guard let service = services[name] else { continue }
            services[name] = LabService(service.definition)
            if state(of: name).boot == .on { start(name, byHand: true, now) }
        }
    }

    private mutating func layRuntime(_ time: Moment) {
        files.makeDirectory(platform.usesSystemd ? "/run/systemd/system" : "/run", at: time)
        files.makeDirectory("/tmp", at: time)
        files.setAttributes("/tmp", mode: 0o1777, at: time)
    }

    /// What a bare system has of the files that anyone looks at.
    mutating func layBaseSystem(at now: Moment) {
        let time = clock(at: now)
        bootedAt = time
        let (id, version) = (platform.osID, platform.osVersion)
        files.write("/etc/os-release", "ID=\(id)\nVERSION_ID=\"\(version)\"\n", at: time)
        files.write("/etc/hostname", name.text + "\n", at: time)
        kernelHostname = name.text
        files.write("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", at: time)
        files.makeDevice("/dev/null", at: time)
        for directory in ["/etc/default", "/usr/sbin", "/usr/bin", "/var/lib", "/var/log"] {
            files.makeDirectory(directory, at: time)
        }
        if platform.usesSystemd {
            files.makeDirectory("/etc/systemd/system/multi-user.target.wants", at: time)
        } else {
            files.makeDirectory("/etc/init", at: time)
        }
        layRuntime(time)
    }
}
