/// The endpoints that masters and agents share: `/health`, `/version`, `/flags`.
///
/// `name` is the libprocess name, by which the paths exist once more: `/master/flags`, `/slave(1)/flags`.
public func mesosAnswer(
    to request: HTTPRequest,
    process name: String,
    flags: [(name: String, value: String)]
) -> HTTPResponse {
    let prefix = "/" + name
    let path = request.path.hasPrefix(prefix + "/") ? String(request.path.dropFirst(prefix.count)) : request.path
    return switch path {
    case "/health": HTTPResponse()
    case "/version": HTTPResponse(MesosVersion.document)
    case "/flags": HTTPResponse(.object([("flags", .object(flags.map { ($0.name, .text($0.value)) }))]))
    default: .notFound
    }
}
