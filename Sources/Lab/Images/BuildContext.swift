internal import Daemons
internal import FoundationEssentials
internal import Reconciler
internal import Specs

extension LabImageCourier {
    /// A digest of the build context as it is now: of the files' names and bytes where they are at hand, else of the
    /// directory's name; nil for what is not built.
    func context(of desired: DesiredImage) -> String? {
        guard case .build(let name, _) = desired.origin else { return nil }
        guard let directory else { return DockerDigest.hex(name) }
        let root = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: root) else {
            return DockerDigest.hex(name)
        }
        let files = paths.sorted().map { path in
            let bytes = FileManager.default.contents(atPath: "\(root)/\(path)")
            return "\(path) \(bytes?.base64EncodedString() ?? "directory")"
        }
        return DockerDigest.hex(files.joined(separator: "\n"))
    }
}
