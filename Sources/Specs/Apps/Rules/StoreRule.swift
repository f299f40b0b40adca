/// Up to 1.4 Marathon copies what `storeUrls` names into its artifact store and moves it into `uris` under the copy's
/// address, which comes from the content: an answer never has `storeUrls` again (marathon-api.md 3.1; `resolveStoreUrls` in
/// S/state/GroupManager.scala, 0.7.6, and S/core/group/impl/GroupManagerActor.scala, 1.4.13).
///
/// Declared, it would be different for ever, so it is refused where Marathon would take it.
enum StoreRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard !app.readsRAML, app["storeUrls"]?.items?.isEmpty == false else { return [] }
        let message = "Marathon moves `storeUrls` away under addresses that nobody can declare"
        let name = app.since(0, 15) ? "fetch" : "uris"
        return [AppFault(message, at: "storeUrls", hint: "name the files in `\(name)`")]
    }
}
