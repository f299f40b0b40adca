internal import Glibc

/// Makes a file that was just written executable, and waits until nobody holds it open for writing.
///
/// A child that another test starts at this moment inherits the open file for a breath, and a program that is open for
/// writing cannot be executed (ETXTBSY). A read lease is given only where there is no writer (fcntl(2)).
public func makeExecutable(_ path: String) {
    chmod(path, 0o755)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    // F_SETLEASE, which Glibc's headers give to GNU sources only.
    let lease: Int32 = 1024
    for _ in 0..<5000 where fcntl(file, lease, Int32(F_RDLCK)) != 0 && errno == EAGAIN { usleep(1000) }
    _ = fcntl(file, lease, Int32(F_UNLCK))
}
