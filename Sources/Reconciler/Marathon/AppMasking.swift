internal import Specs

/// Masks an app's texts before anything keeps them: declared secrets become their references, values of sensitive names that
/// are not what is declared for this app are redacted.
///
/// Made once for many apps: most texts are passed by with one look at their bytes.
struct AppMasking: Sendable {
    private let secrets: SecretStore
    private let search: SecretSearch

    init(secrets: SecretStore) {
        self.secrets = secrets
        search = SecretSearch(secrets)
    }

    /// For what is shown: no declared text is known.
    static let forPeople = AppMasking(secrets: SecretStore())

    /// A field as it may be shown, also where it is declared in clear.
    func shown(_ value: AppValue, at path: String) -> AppValue {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        let isFree = parts.count == 2 && Self.freeMaps.contains(parts[0])
        var known = Known(declared: nil)
        if !isFree, let members = value.members, Self.freeMaps.contains(parts.last ?? path) {
            return maskedFree(members, &known) ?? value
        }
        return masked(value, isNamedSensitive: isFree && SensitiveScan.isSensitive(parts[1]), &known) ?? value
    }

    /// The app as it may be kept; the texts of its `declared` definition may stay.
    func masked(_ app: LiveApp, declared: AppValue?) -> LiveApp {
        var known = Known(declared: declared)
        guard let definition = masked(app.definition, isNamedSensitive: false, &known) else { return app }
        var app = app
        app.definition = definition
        return app
    }

    /// Texts of the declared definition, collected when they are first needed.
    private struct Known {
        var declared: AppValue?
        private var texts: Set<Content>?
        /// Names under which the declared definition has a secret: what is found there instead may be the one of yesterday.
        private(set) var secretNames: Set<String> = []

        init(declared: AppValue?) {
            self.declared = declared
            declared?.addSecretNames(to: &secretNames, under: nil)
            // Marathon turns the one into the other.
            if secretNames.contains("uris") { secretNames.insert("uri") }
            if secretNames.contains("uri") { secretNames.insert("uris") }
        }

        mutating func has(_ content: Content, _ secrets: SecretStore) -> Bool {
            if texts == nil {
                texts = Set(declared.map { $0.texts.map(secrets.normalise) } ?? [])
            }
            return texts?.contains(content) ?? false
        }
    }

    // MARK: Values

    /// nil where nothing is to be masked.
    private func masked(_ value: AppValue, isNamedSensitive: Bool, _ known: inout Known) -> AppValue? {
        switch value {
        case .null, .boolean, .number: return nil
        case .text(let content): return masked(content, isNamedSensitive, &known).map(AppValue.text)
        case .list(var items):
            var isChanged = false
            for index in items.indices {
                guard let masked = masked(items[index], isNamedSensitive: isNamedSensitive, &known) else { continue }
                items[index] = masked
                isChanged = true
            }
            return isChanged ? .list(items) : nil
        case .object(let members): return masked(members, &known)
        }
    }

    private func masked(_ members: [String: AppValue], _ known: inout Known) -> AppValue? {
        var result: [String: AppValue]?
        // `container.docker.parameters` (marathon-api.md 3.3).
        let parameter = members["value"] == nil ? nil : members["key"]?.plainText
        for (name, value) in members {
            let masked: AppValue? =
                if let inner = value.members, Self.freeMaps.contains(name) {
                    maskedFree(inner, &known)
                } else {
                    masked(
                        value,
                        isNamedSensitive: known.secretNames.contains(name)
                            || name == "value" && parameter.map(SensitiveScan.isSensitive) == true,
                        &known
                    )
                }
            guard let masked else { continue }
            if result == nil { result = members }
            result?[name] = masked
        }
        return result.map(AppValue.object)
    }

    /// Maps whose keys are the user's: only there a key says that its value is a secret (`secret` and `key` elsewhere name one).
    private static let freeMaps: Set<String> = ["env", "labels", "options"]

    private func maskedFree(_ members: [String: AppValue], _ known: inout Known) -> AppValue? {
        var result: [String: AppValue]?
        for (name, value) in members {
            let isText = value.content != nil
            guard
                let masked = masked(
                    value,
                    isNamedSensitive: known.secretNames.contains(name) || isText && SensitiveScan.isSensitive(name),
                    &known
                )
            else { continue }
            if result == nil { result = members }
            result?[name] = masked
        }
        return result.map(AppValue.object)
    }

    // MARK: Texts

    private func masked(_ content: Content, _ isNamedSensitive: Bool, _ known: inout Known) -> Content? {
        guard let text = content.plainText else { return nil }
        let masked = search.finds(text) ? secrets.mask(text) : content
        let isCandidate = isNamedSensitive || SensitiveScan.mayHold(text)
        if isCandidate, !known.has(masked, secrets) {
            let result = isNamedSensitive ? redacted(masked) : swept(masked)
            return result == content ? nil : result
        }
        return masked == content ? nil : masked
    }

    private func redacted(_ value: Content) -> Content {
        let isOnlySecrets = value.segments.allSatisfy { if case .literal = $0 { false } else { true } }
        return isOnlySecrets || SensitiveNames.isPlace(value) ? value : Content([.redacted])
    }

    private func swept(_ content: Content) -> Content {
        SensitiveNames.redactingUserinfo(
            SensitiveNames.redactingValues(
                in: content,
                of: { Redaction.isSensitive($0) },
                unless: { SensitiveNames.isPlace($0) }
            )
        )
    }
}

extension AppValue {
    /// The names of members in it whose texts, or texts in a list, hold a secret.
    fileprivate func addSecretNames(to names: inout Set<String>, under name: String?) {
        switch self {
        case .null, .boolean, .number: break
        case .text(let content): if let name, !content.references.isEmpty { names.insert(name) }
        case .list(let items): for item in items { item.addSecretNames(to: &names, under: name) }
        case .object(let members): for (name, value) in members { value.addSecretNames(to: &names, under: name) }
        }
    }

    /// Every text in it but keys.
    var texts: [Content] {
        switch self {
        case .null, .boolean, .number: []
        case .text(let content): [content]
        case .list(let items): items.flatMap(\.texts)
        case .object(let members): members.values.flatMap(\.texts)
        }
    }
}
