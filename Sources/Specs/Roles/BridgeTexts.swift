extension ClusterSpec {
    /// Whole texts of every file that the bridge has on any node.
    public var bridgeTexts: [Content] {
        nodes(with: .haproxy).flatMap { node in
            HAProxyRole.resources(for: RoleContext(node: node, spec: self, platform: .fallback)).files.compactMap {
                file in
                if case .whole(let content) = file.body { content } else { nil }
            }
        }
    }
}
