internal import ArgumentParser
internal import Lab
internal import Specs

/// Where the simulated cluster is kept, as options say it.
struct LabOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the simulated cluster is kept; else RECONCILER_LAB, or a directory of its own for each cluster.",
            valueName: "path"
        )
    )
    var labDirectory: String?

    func validate() throws {
        guard labDirectory != "" else { throw ValidationError("--lab-directory is empty") }
    }

    /// The directory for `cluster`: as said, or below `XDG_STATE_HOME` or `~/.local/state`.
    func directory(for cluster: String) throws -> String {
        let environment = Surroundings.current.console.environment
        if let said = labDirectory ?? environment("RECONCILER_LAB"), !said.isEmpty { return said }
        let home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 + "/.local/state" }
        guard let state = environment("XDG_STATE_HOME").flatMap({ $0.hasPrefix("/") ? $0 : nil }) ?? home else {
            throw Stop(.failure, "HOME is not set: say --lab-directory, where the simulated cluster is to be kept")
        }
        let name = cluster.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" }
        return "\(state)/reconciler/lab/\(String(name))"
    }

    /// The lab of `spec`, made with bare machines where there is none; to be worked on as the nodes it declares.
    func openMatching(_ spec: ClusterSpec, pace: Double? = nil) throws -> Lab {
        let lab = try open(for: spec, pace: pace)
        try inLab { () throws(LabError) in
            let mismatch = try lab.read { world -> LabError? in
                do throws(LabError) { try world.check(against: spec) } catch { return error }
                return nil
            }
            if let mismatch { throw mismatch }
        }
        return lab
    }

    /// The lab of `spec`, made with bare machines where there is none.
    func open(for spec: ClusterSpec, pace: Double? = nil) throws -> Lab {
        let directory = try directory(for: spec.cluster.value)
        do throws(LabError) {
            do throws(LabError) {
                return try Lab(directory: directory, pace: pace)
            } catch  where error.kind == .missing {
                try Lab.create(try LabWorld(spec: spec, seed: 1), in: directory)
                return try Lab(directory: directory, pace: pace)
            }
        } catch {
            throw Stop(error)
        }
    }
}

extension Stop {
    init(_ error: LabError) { self.init(.failure, error.description) }
}

/// Does something with the lab; what it cannot do ends the command.
func inLab<Result>(_ body: () throws(LabError) -> Result) throws -> Result {
    do throws(LabError) {
        return try body()
    } catch {
        throw Stop(error)
    }
}
