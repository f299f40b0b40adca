internal import Glibc

/// Makes a file that was just written executable, so that it can be executed at once.
///
/// A child that another test starts at this moment inherits the open file, and a program that is open for writing cannot
/// be executed (ETXTBSY). A read lease is given only where there is no writer (fcntl(2)); where there is one for long, a
/// copy takes the file's place, which no process but `cp` ever had open.
public func makeExecutable(_ path: String) {
    chmod(path, 0o755)
    guard !isFreeOfWriters(path) else { return }
    let copy = path + ".copy"
    guard run("cp", "--preserve=mode", "--", path, copy) == 0, rename(copy, path) == 0 else {
        fatalError("no executable copy of \(path) can be made")
    }
}

private func isFreeOfWriters(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    // F_SETLEASE, which Glibc's headers give to GNU sources only.
    let lease: Int32 = 1024
    for _ in 0..<100 {
        guard fcntl(file, lease, Int32(F_RDLCK)) != 0 else {
            _ = fcntl(file, lease, Int32(F_UNLCK))
            return true
        }
        guard errno == EAGAIN else { return false }
        usleep(1000)
    }
    return false
}

/// The status of a program that has ended; nil where it was not started or did not end by itself.
private func run(_ words: String...) -> Int32? {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { arguments.forEach { free($0) } }
    arguments.append(nil)
    var pid: pid_t = 0
    guard posix_spawnp(&pid, words[0], nil, nil, arguments, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return status & 0x7f == 0 ? status >> 8 & 0xff : nil
}
