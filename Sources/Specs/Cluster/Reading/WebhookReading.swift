extension Shape where Value == WebhookSpec {
    /// `watch.webhook`: a URL, or that with what belongs to it.
    static var webhook: Shape {
        let parts = section { section in
            WebhookSpec(
                url: section.required("url", .webhookURL, fallback: "https://localhost"),
                secret: section.optional("secret", .key),
                authority: section.optional("authority", .text)
            )
        }
        let url = Shape<Content>.webhookURL.located.map { WebhookSpec(url: $0) }
        return Shape { field in field.node.scalar == nil ? parts.read(field) : url.read(field) }
    }
}

extension Shape where Value == Content {
    /// As far as it can be judged without the secrets in it; no fault quotes it.
    fileprivate static var webhookURL: Shape {
        lineContent.checked { content in
            if let text = content.plainText {
                do throws(WebAddress.Fault) { _ = try WebAddress(text) } catch { return Fault(error.message) }
                return nil
            }
            guard case .literal(let head)? = content.segments.first, WebAddress.end(ofSchemeOf: head) == nil,
                !"https://".hasPrefix(head), !"http://".hasPrefix(head)
            else { return nil }
            return Fault("it is no URL", hint: "write https://… or http://…")
        }
    }

    fileprivate static var key: Shape {
        lineContent.checked { $0.segments.isEmpty ? Fault("it is empty", hint: "write ${file:…} or ${env:…}") : nil }
    }
}
