/// The git revision of a directory.
public enum GitRevision {
    /// The short commit id, with `+` where files differ from it (`3f1c2aa+`); nil without git, a work tree or a commit, and
    /// where git does not say whether files differ.
    public static func current(of directory: String, git program: String = "git") async -> String? {
        guard let head = await output(["rev-parse", "--short", "HEAD"], of: directory, program: program) else {
            return nil
        }
        let id = head.filter { !$0.isWhitespace }
        guard !id.isEmpty, id.allSatisfy(\.isHexDigit) else { return nil }
        guard let changes = await output(["status", "--porcelain", "--", "."], of: directory, program: program) else {
            return nil
        }
        return id + (changes.isEmpty ? "" : "+")
    }

    private static func output(_ arguments: [String], of directory: String, program: String) async -> String? {
        guard let scratch = PrivateDirectory() else { return nil }
        defer { scratch.remove() }
        let child = ChildProcess(
            program: program,
            arguments: ["-C", directory, "--no-optional-locks"] + arguments,
            deadline: .seconds(10)
        )
        guard let ended = try? await child.run(in: scratch.path), ended.exitCode == 0 else { return nil }
        return String(decoding: ended.output, as: UTF8.self)
    }
}
