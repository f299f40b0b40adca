internal import Reconciler

extension NetworkNodeAct {
    /// The call that performs this act.
    func call() throws(CallRefused) -> ShellCall {
        switch self {
        case .arm(let change, let token, let seconds):
            guard !change.files.isEmpty else { throw CallRefused(reason: "\(change.link): no file is to be changed") }
            var files: [String] = []
            for file in change.files {
                guard !file.text.utf8.contains(0) else { throw CallRefused(reason: "\(file.path): holds a NUL byte") }
                files += [try CallArgument.path(file.path)] + file.expected.words
                files += [String(file.text.utf8.count), printfEscaped(file.text.utf8)]
            }
            return ShellCall(
                "act_network_arm",
                [
                    try CallArgument.name(token), try CallArgument.name(change.link), change.owner.rawValue,
                    String(max(1, seconds)), NodeScript.Library.netGuard.text,
                ] + files
            )
        case .confirm(let token): return ShellCall("act_network_confirm", [try CallArgument.name(token)])
        case .collect(let token): return ShellCall("act_network_collect", [try CallArgument.name(token)])
        }
    }

    /// How long it may take at most.
    var bound: Duration {
        switch self {
        case .arm: .seconds(60)
        case .confirm, .collect: .seconds(20)
        }
    }
}
