internal import Reconciler
internal import Specs

extension FactRequest {
    /// The call that asks for this fact.
    func call() throws(CallRefused) -> ShellCall {
        switch self {
        case .platform: return ShellCall("fact_platform")
        case .file(let path): return ShellCall("fact_file", [try CallArgument.path(path)])
        case .directory(let path, let recursive):
            return ShellCall("fact_directory", [try CallArgument.path(path), recursive ? "recursive" : "flat"])
        case .service(let name): return ShellCall("fact_service", [try CallArgument.name(name.text)])
        case .package(let name): return ShellCall("fact_package", [try CallArgument.name(name)])
        case .flagNames(let program):
            guard program.utf8.first != UInt8(ascii: "/") else {
                return ShellCall("fact_flags", [try CallArgument.path(program)])
            }
            return ShellCall("fact_flags", [try CallArgument.name(program)])
        case .fourLetterWord(let word, let address, let port):
            return ShellCall(
                "fact_word",
                [try CallArgument.name(word), try CallArgument.host(address), String(port)]
            )
        case .http(let address, let port, let path):
            guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw CallRefused(reason: "`\(path)` is no path of a URL: encode spaces and what is not ASCII")
            }
            return ShellCall("fact_http", [try CallArgument.host(address), String(port), try CallArgument.path(path)])
        case .resolve(let name): return ShellCall("fact_resolve", [try CallArgument.host(name)])
        case .network: return ShellCall("fact_network")
        case .reach(let address, let port):
            return ShellCall("fact_reach", [try CallArgument.host(address), String(port)])
        case .disk(let path): return ShellCall("fact_disk", [try CallArgument.path(path)])
        case .clock: return ShellCall("fact_clock")
        case .dockerEngine: return ShellCall("fact_docker")
        case .images: return ShellCall("fact_images")
        case .controlGroups: return ShellCall("fact_control_groups")
        case .listening(let ports): return ShellCall("fact_listening", ports.map(String.init))
        case .lease: return ShellCall("fact_lease")
        case .applied: return ShellCall("fact_applied")
        }
    }
}
