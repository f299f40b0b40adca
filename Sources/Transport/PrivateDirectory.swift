internal import Glibc

/// A directory of this process's own (0700) with a short path: a socket's name holds at most 107 bytes.
struct PrivateDirectory: Hashable {
    var path: String

    init?() {
        var template = Array("/tmp/reconciler-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

    /// - Returns: whether it was written.
    func write(_ text: String, to name: String) -> Bool {
        guard let file = fopen("\(path)/\(name)", "we") else { return false }
        let written = fputs(text, file)
        return fclose(file) == 0 && written >= 0
    }

    /// Removes it and the files in it.
    func remove() {
        if let entries = opendir(path) {
            while let entry = readdir(entries) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { _ = unlink("\(path)/\(name)") }
            }
            closedir(entries)
        }
        _ = rmdir(path)
    }
}
