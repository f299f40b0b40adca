/// The roles whose offers an app takes (marathon-api.md 3.1 and 4).
///
/// Whether `role` itself may be what it says depends on the app as it is and on its group, and is Marathon's to judge.
enum RoleChoiceRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard let roles = app["acceptedResourceRoles"]?.items else { return [] }
        if app.since(0, 9), roles.isEmpty {
            let message = "`acceptedResourceRoles` is empty"
            return [AppFault(message, at: "acceptedResourceRoles", hint: "leave it out for all roles")]
        }
        guard app.since(1, 10), let own = app["role"]?.plainText ?? app.context?.role else { return [] }
        return roles.enumerated().compactMap { index, role in
            guard let text = role.plainText, text != "*", text != own else { return nil }
            let message = "offers of role `\(text.abbreviated)` never come to an app of role `\(own.abbreviated)`"
            let known = own == "*" ? "`*`" : "`*` and `\(own)`"
            return AppFault(message, at: "acceptedResourceRoles[\(index)]", hint: "it can only be \(known)")
        }
    }
}
