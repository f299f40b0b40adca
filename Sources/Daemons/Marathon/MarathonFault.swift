/// A request that Marathon refuses: the status and the body of its release.
public struct MarathonFault: Error, Hashable, Sendable {
    public var status: Int
    public var body: JSON

    public init(_ status: Int, _ body: JSON) {
        self.status = status
        self.body = body
    }

    public var response: HTTPResponse { HTTPResponse(status, json: body) }
}
