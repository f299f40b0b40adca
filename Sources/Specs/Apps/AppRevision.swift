extension AppRevision {
    /// What brings an app from its live state to the declared one; nil where they are equal.
    ///
    /// - Parameters:
    ///   - declared: As written; absent `instances` leave the live number.
    ///   - live: As a Marathon answers it, secrets masked.
    ///   - context: That Marathon's.
    ///   - ignoring: Paths of fields that are left as they are live, such as `labels.x` or `env`. A write may then hold
    ///     texts that are masked: `AppWrite.unmasked(by:in:)`.
    public init?(
        of declared: AppValue,
        from live: AppValue,
        in context: AppContext,
        ignoring: [String] = []
    ) {
        let target = ignoring.isEmpty ? declared : declared.keeping(ignoring, of: live, in: context)
        let after = AppForm(target, in: context)
        let before = AppForm(live, in: context)
        guard !after.matches(before) else { return nil }
        let differences = after.differences(from: before)
        // What follows from other fields cannot always stay as it is, and is left to Marathon all the same.
        let ignored = ignoring.map { AppContext.modernName(of: $0, context) }
        let shown = differences.filter { difference in !ignored.contains { difference.path.isAt($0) } }
        guard !shown.isEmpty else { return nil }
        let writes = RevisionWrites(
            target: target,
            live: live,
            before: before,
            after: after,
            differences: differences,
            context: context
        )
        let effect = AppEffect(differences, from: before, to: after, in: context)
        self.init(differences: shown, effect: effect, way: writes.way)
    }
}

extension AppEffect {
    /// marathon-api.md 5.1; from 1.10 an executor's resources are in none of its lists.
    fileprivate init(
        _ differences: [FieldDifference],
        from before: AppForm,
        to after: AppForm,
        in context: AppContext
    ) {
        let (old, new) = (before.instances ?? 1, after.instances ?? before.instances ?? 1)
        let restarts = differences.restartTasks(in: context)
        if restarts, new > 0 || !context.isAtLeast(1, 1) {
            self = .restart
        } else {
            self = old == new ? .none : .scale(from: old, to: new)
        }
    }
}

extension [FieldDifference] {
    /// Whether they are more than what tasks go on running with.
    func restartTasks(in context: AppContext) -> Bool {
        contains { difference in
            let name = difference.path.topName
            return name != "instances" && !(name == "executorResources" && context.isAtLeast(1, 10))
        }
    }
}

extension AppForm {
    /// nil where they are not managed.
    fileprivate var instances: Int? {
        if case .scalar(let number)? = self["instances"] { number.integer } else { nil }
    }
}

extension AppWrite {
    /// The request that makes a new app: a PUT, which makes what is not there (marathon-api.md 2.1).
    public init(creating definition: AppValue, in context: AppContext) {
        self.init(.merge, body: WriteBody(definition, context).value)
    }

    /// Whether a text of it is masked, because a field is left as it is: such a write cannot be sent.
    public var isMasked: Bool { body.unmasked(by: nil) == nil }

    /// The same with the texts of `live` where this one's are masked.
    ///
    /// - Parameters:
    ///   - live: As the Marathon answers it at the moment of writing, nothing masked.
    ///   - context: That Marathon's.
    /// - Returns: nil where a masked text has no counterpart, or one of which the parts that are not masked differ.
    public func unmasked(by live: AppValue, in context: AppContext) -> AppWrite? {
        // A write has things under their new names, an answer perhaps under the old ones.
        let old = live.members ?? [:]
        let whole = old.merging(ModernDefinition(old, in: context).members) { _, modern in modern }
        return body.unmasked(by: .object(whole)).map { AppWrite(method, body: $0) }
    }
}

extension AppValue {
    fileprivate func unmasked(by live: AppValue?) -> AppValue? {
        switch self {
        case .text(let content):
            guard content.segments.contains(.redacted) else { return self }
            guard let text = live?.content, let plain = text.plainText, content.mayStand(for: plain) else { return nil }
            return .text(text)
        case .list(let items):
            let others = live?.items ?? []
            let result = items.enumerated().compactMap { $1.unmasked(by: $0 < others.count ? others[$0] : nil) }
            return result.count == items.count ? .list(result) : nil
        case .object(let members):
            var result: [String: AppValue] = [:]
            for (key, value) in members {
                guard let unmasked = value.unmasked(by: live?[key]) else { return nil }
                result[key] = unmasked
            }
            return .object(result)
        case .null, .boolean, .number: return self
        }
    }
}

extension Content {
    /// Whether `text` has every literal part of this one in their order, anchored where this one begins or ends with one.
    fileprivate func mayStand(for text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        for (index, segment) in segments.enumerated() {
            guard case .literal(let literal) = segment else { continue }
            let part = Array(literal.utf8)
            if index == 0 {
                guard rest.starts(with: part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == segments.count - 1 {
                guard rest.suffix(part.count).elementsEqual(part) else { return false }
            } else {
                guard let start = rest.indices.first(where: { rest[$0...].starts(with: part) }) else { return false }
                rest = rest[(start + part.count)...]
            }
        }
        return true
    }
}
