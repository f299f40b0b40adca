import FoundationEssentials
import Testing

/// The files at the repository's root, as they are.
enum Repository {
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func text(_ path: String) throws -> String {
        let data = try #require(FileManager.default.contents(atPath: root + "/" + path), "no file \(path)")
        return String(decoding: data, as: UTF8.self)
    }

    /// The seed's cluster.yaml, its apps, and what its image is built from.
    static func cluster() throws -> [String: String] {
        let paths = [
            "cluster.yaml", "apps/hello.json", "apps/ubuntu.json", "apps/nginx.json",
            "images/nginx/Dockerfile",
        ]
        return Dictionary(uniqueKeysWithValues: try paths.map { ($0, try text($0)) })
    }
}
