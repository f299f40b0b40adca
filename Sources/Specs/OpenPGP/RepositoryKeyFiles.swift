/// Reads the key files that repositories name.
enum RepositoryKeyFiles {
    /// Puts the keys of every repository's file into it; whatever stands in the way is reported at `key`.
    static func read(
        into repositories: inout [RepositorySpec],
        from source: any SpecSource,
        main: String,
        _ context: ReadingContext
    ) {
        for index in repositories.indices where !context.isOverwhelmed {
            guard let key = repositories[index].key else { continue }
            repositories[index].keyring = keyring(key, from: source, main: main, context)
        }
    }

    private static func keyring(
        _ key: Located<String>,
        from source: any SpecSource,
        main: String,
        _ context: ReadingContext
    ) -> OpenPGPKeyring? {
        let name = key.value.abbreviated
        do {
            guard let bytes = try source.bytes(of: key.value) else {
                let hint = key.value.hasPrefix("/") ? nil : "paths are relative to \(main)"
                context.report(Diagnostic(.error, "there is no file `\(name)`", at: key.position, hint: hint))
                return nil
            }
            return try OpenPGPKeyring(bytes)
        } catch let error as SpecSourceError {
            context.report(Diagnostic(.error, error.message, at: key.position))
        } catch let fault as OpenPGPFault {
            let message = "`\(name)` is no file of public keys: \(fault.message)"
            context.report(Diagnostic(.error, message, at: key.position, hint: fault.hint))
        } catch {
            preconditionFailure("reading throws nothing else")
        }
        return nil
    }
}
