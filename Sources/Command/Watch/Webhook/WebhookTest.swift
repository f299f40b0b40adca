internal import FoundationEssentials
internal import Reconciler
internal import Rendering
internal import Specs

extension WatchCommand {
    /// Sends one notice of the kind `test`, once, and says what became of it.
    /// - Throws: `Stop` where it was not taken.
    func sendTestNotice(_ declared: Declared) async throws {
        let console = Surroundings.current.console
        guard let spec = declared.spec.other.watch.webhook else {
            throw Stop(.failure, "\(declared.spec.file) declares no `watch.webhook`")
        }
        let receiver = WebhookReceiver(spec, of: declared)
        let ready: WebhookReceiver.Ready
        do throws(WebhookReceiver.Trouble) { ready = try receiver.ready() } catch {
            throw Stop(.failure, "watch.webhook: \(error.words)")
        }
        guard !nodes.lab || ready.address.isOfThisMachine else {
            throw Stop(.failure, "\(receiver.label): nothing of a simulated cluster is sent to another machine")
        }
        let (id, now) = (UUID().uuidString.lowercased(), console.seconds())
        let body = WebhookDocument(testOf: declared.spec.cluster.value, id: id, at: now).json
        let entry = WebhookQueue.Entry(id: id, at: now, body: body)
        let policy = WebhookPolicy()
        let answer = await receiver.deliver(entry, within: policy.deadline, at: now)
        await receiver.close()
        try Task.checkCancellation()
        guard let answer, policy.verdict(on: answer, tries: 1, jitter: 0) == .delivered else {
            throw Stop(.failure, "\(receiver.label): \(answer?.words ?? "cancelled")")
        }
        let signed = ready.key == nil ? "unsigned: there is no `watch.webhook.secret`" : "signed"
        console.write("\(receiver.label): \(answer.words); the notice was \(signed).\n")
    }
}
