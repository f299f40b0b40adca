internal import Reconciler
internal import Specs

/// One visit's script: function libraries, one call per request or action, an end marker.
///
/// Nothing runs before the last line has arrived: the calls stand in a function, so a script cut off on its way does
/// nothing at all. Every child reads `/dev/null`, since the shell reads the script itself from standard input.
struct NodeScript: Hashable {
    /// Where it runs.
    enum Place: Hashable {
        case node
        /// On this machine, with all paths under `root` and programs only from `path`.
        case scratch(root: String, path: String)
    }

    /// Text that tells this visit's answers from whatever a profile prints before them.
    var nonce: String
    var text: String
    /// How many answers there are when nothing goes wrong.
    var calls: Int

    /// A script that only reads: it does not even contain the functions that act.
    static func observing(_ calls: [ShellCall], nonce: String, at place: Place = .node) -> NodeScript {
        let lines = ahead(calls) + calls.map { "answer \($0.text)" }
        let text = assembled(
            [.common, .services, .docker, .facts, .images, .network, .net],
            lines: lines,
            nonce: nonce,
            runID: "-",
            at: place
        )
        return NodeScript(nonce: nonce, text: text, calls: calls.count)
    }

    /// What is asked of other nodes is asked of all of them at once, before anything else.
    private static func ahead(_ calls: [ShellCall]) -> [String] {
        let reached = calls.filter { $0.function == "fact_reach" }.flatMap(\.arguments)
        let names = calls.filter { $0.function == "fact_resolve" }.flatMap(\.arguments)
        return (reached.isEmpty ? [] : [ShellCall("reach_ahead", reached).text])
            + (names.count < 2 ? [] : [ShellCall("resolve_ahead", names).text])
    }

    /// A script that acts, in order, and stops at the first action that does not succeed.
    static func performing(_ calls: [ShellCall], run: RunID, nonce: String, at place: Place = .node) -> NodeScript {
        let lines = calls.map { "act \($0.text)" }
        let text = assembled(
            [.common, .services, .docker, .files, .units, .records, .jobs, .imageActs, .rename, .netActs],
            lines: lines,
            nonce: nonce,
            runID: run.text,
            at: place
        )
        return NodeScript(nonce: nonce, text: text, calls: calls.count)
    }

    private static func assembled(
        _ libraries: [Library],
        lines: [String],
        nonce: String,
        runID: String,
        at place: Place
    ) -> String {
        let (root, path) =
            switch place {
            case .node: ("", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            case .scratch(let root, let path): (root, path)
            }
        let head = """
            NONCE=\(shellQuoted(nonce))
            RUN_ID=\(shellQuoted(runID))
            ROOT=\(shellQuoted(root))
            PATH=\(shellQuoted(path))
            export PATH

            """
        let body = (["main() {", "begin"] + lines + ["finish", "}", "main </dev/null", "exit 0", ""])
        return ([head] + libraries.map(\.text) + [body.joined(separator: "\n")]).joined(separator: "\n")
    }

    /// The shell sources beside this file, embedded in the program.
    enum Library: CaseIterable {
        case common, services, docker, facts, images, network, files, units, records, jobs, imageActs
        case net, rename
        case netActs
        /// Scripts of their own, which the node runs detached.
        case install, load, janitor
        case netGuard

        private var bytes: [UInt8] {
            switch self {
            case .common: PackageResources.common_sh
            case .services: PackageResources.services_sh
            case .facts: PackageResources.facts_sh
            case .network: PackageResources.network_sh
            case .net: PackageResources.net_sh
            case .rename: PackageResources.rename_sh
            case .files: PackageResources.files_sh
            case .units: PackageResources.units_sh
            case .records: PackageResources.records_sh
            case .jobs: PackageResources.jobs_sh
            case .docker: PackageResources.docker_sh
            case .images: PackageResources.images_sh
            case .imageActs: PackageResources.imageacts_sh
            case .install: PackageResources.detached_sh + PackageResources.install_sh
            case .load: PackageResources.detached_sh + PackageResources.load_sh
            case .netActs: PackageResources.netacts_sh
            case .netGuard: PackageResources.netguard_sh
            case .janitor: PackageResources.detached_sh + PackageResources.janitor_sh
            }
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// 32 random hexadecimal digits.
    static func randomNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
