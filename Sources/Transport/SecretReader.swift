internal import FoundationEssentials
public import Reconciler
public import Specs

/// Looks up the values behind `${env:NAME}` and `${file:PATH}`.
public struct SecretReader: Sendable {
    /// The operator's variables.
    public var environment: [String: String]
    /// Where `${file:…}` paths are relative to.
    public var source: any SpecSource

    /// `environment` is this process's own where none is given.
    public init(source: any SpecSource, environment: [String: String]? = nil) {
        self.environment = environment ?? ProcessInfo.processInfo.environment
        self.source = source
    }

    /// The values of all `references`; every fault at once.
    public func store(for references: some Sequence<SecretReference>) throws(MissingSecrets) -> SecretStore {
        var values: [SecretReference: String] = [:]
        var faults: [String] = []
        for reference in Set(references).sorted(by: { $0.description < $1.description }) {
            switch look(up: reference) {
            case .success(let value): values[reference] = value
            case .failure(let fault): faults += fault.faults
            }
        }
        guard faults.isEmpty else { throw MissingSecrets(faults: faults) }
        return SecretStore(values)
    }

    private func look(up reference: SecretReference) -> Result<String, MissingSecrets> {
        func missing(_ words: String) -> Result<String, MissingSecrets> {
            .failure(MissingSecrets(faults: ["\(reference): \(words)"]))
        }
        switch reference {
        case .environment(let name):
            guard let value = environment[name] else { return missing("the variable \(name) is not set; export it") }
            return value.isEmpty ? missing("the variable \(name) is empty; set it") : .success(value)
        case .file(let path):
            let bytes: [UInt8]?
            do throws(SpecSourceError) { bytes = try source.bytes(of: path) } catch { return missing(error.message) }
            guard let bytes else { return missing("there is no file \(path); create it") }
            guard var text = String(validating: bytes, as: UTF8.self) else {
                return missing("\(path) is not UTF-8 text")
            }
            if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
            return text.isEmpty ? missing("\(path) is empty; write the value into it") : .success(text)
        }
    }
}

/// Secrets that are referred to and cannot be had; holds no value.
public struct MissingSecrets: Error, Hashable, Sendable, CustomStringConvertible {
    /// One a secret, such as "${env:TOKEN}: the variable TOKEN is not set; export it".
    public var faults: [String]

    public init(faults: [String]) { self.faults = faults }

    public var description: String { faults.joined(separator: "\n") }
}
