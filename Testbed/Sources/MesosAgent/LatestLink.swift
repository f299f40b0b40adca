import Glibc
import Host

/// Makes `directory/latest` a link to an agent's own directory.
func pointLatest(in directory: String, to id: String) throws(HostError) {
    let latest = directory + "/latest"
    unlink(latest)
    guard symlink("\(directory)/\(id)", latest) == 0 else { throw HostError(latest) }
}
