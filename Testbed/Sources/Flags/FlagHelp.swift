/// What `--help` prints: the first column of the real daemons' list, by which a program can ask whether a flag exists.
///
/// Source: mesos 1.11.0, stout/flags/flags.hpp, `FlagsBase::usage`.
public func flagHelp(program: String, table: [Flag]) -> String {
    let lines = table.sorted { $0.name < $1.name }.map { flag in
        let names = [flag.name] + (flag.alias.map { [$0] } ?? [])
        return "  " + names.map { flag.kind == .boolean ? "--[no-]\($0)" : "--\($0)=VALUE" }.joined(separator: ", ")
    }
    return "Usage: \(program) [options]\n\n" + lines.joined(separator: "\n") + "\n"
}
