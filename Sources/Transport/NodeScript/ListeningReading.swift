internal import Reconciler

/// Lines of `fact_listening`: address, port, inode, and where it is known pid, start and name.
///
/// An address is hexadecimal, each 32-bit word in the order of the machine's bytes (proc_net_tcp, kernel documentation): of
/// the little-endian ones that are served here, the last byte first.
func listeningSockets(_ text: String) -> FactAnswer? {
    var sockets: [ListeningSocket] = []
    for line in text.split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 5)
        guard words.count >= 3, let address = kernelAddress(words[0]), let port = Int(words[1]) else { return nil }
        var socket = ListeningSocket(address: address, port: port)
        if words.count == 6, let pid = Int(words[3]), let started = Int(words[4]) {
            (socket.pid, socket.started, socket.program) = (pid, started, String(words[5]))
        }
        if !sockets.contains(socket) { sockets.append(socket) }
    }
    return .listening(sockets.sorted { ($0.port, $0.address) < ($1.port, $1.address) })
}

/// `0100007F` is 127.0.0.1; nil for what is neither 8 nor 32 digits.
private func kernelAddress(_ digits: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = digits
    while rest.count >= 2 {
        guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    guard rest.isEmpty, bytes.count == 4 || bytes.count == 16 else { return nil }
    let ordered = stride(from: 0, to: bytes.count, by: 4).flatMap { bytes[$0..<$0 + 4].reversed() }
    if ordered.count == 4 { return ordered.map(String.init).joined(separator: ".") }
    if ordered.allSatisfy({ $0 == 0 }) { return "::" }
    if ordered.dropLast().allSatisfy({ $0 == 0 }), ordered.last == 1 { return "::1" }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
    if ordered.starts(with: mapped) { return ordered.suffix(4).map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2)
        .map { String(Int(ordered[$0]) << 8 | Int(ordered[$0 + 1]), radix: 16) }.joined(separator: ":")
}
