import Glibc

/// This process' environment as `NAME=value` texts.
public func environmentEntries() -> [String] {
    (contents(of: "/proc/self/environ") ?? "").split(separator: "\0").map(String.init)
}

/// Ends the process with a last word on standard error.
public func end(_ message: String, status: Int32 = 1) -> Never {
    try? writeAll(message + "\n", to: STDERR_FILENO)
    exit(status)
}

public func printLine(_ text: String) {
    try? writeAll(text + "\n", to: STDOUT_FILENO)
}

/// The host's name, as `hostname` prints it.
public func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "localhost" }
}

/// Runs a command with sh and waits for it: exit status (127: not found) and what it wrote, both streams together.
public func shell(_ command: String) -> (status: Int32, output: String) {
    guard let pipe = popen(command + " 2>&1", "re") else { return (127, HostError("popen").description) }
    let output = String(decoding: everything(from: fileno(pipe)), as: UTF8.self)
    let status = pclose(pipe)
    return (status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), output)
}
