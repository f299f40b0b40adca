/// Where the fields of a definition are written, by full path: `container.docker.image`, `env.PATH`, `healthChecks[0].path`.
enum AppPositions {
    /// The place of `path`, else of the nearest field around it that is written; nil where none is.
    static func nearest(to path: String, in positions: [String: SourcePosition]) -> SourcePosition? {
        var path = path[...]
        while !path.isEmpty {
            if let position = positions[String(path)] { return position }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
        return nil
    }
}

extension DesiredApp {
    /// Where the field at `path` is written, else where the nearest one around it is, else the app itself.
    public func position(of path: String) -> SourcePosition {
        AppPositions.nearest(to: path, in: positions) ?? positions["id"] ?? position
    }
}
