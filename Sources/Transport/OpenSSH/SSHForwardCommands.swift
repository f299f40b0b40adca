internal import Reconciler

/// The command lines of a forwarded port. The shared connection has logged in already: the configuration, with forwards
/// of its own perhaps, is not read again.
extension SSHCommand {
    func forward(_ port: ForwardedPort, at path: String) -> [String] { control("forward", port, path) }

    func cancel(_ port: ForwardedPort, at path: String) -> [String] { control("cancel", port, path) }

    /// Connects to the port from the node and ends; never by a connection of its own.
    func probe(_ port: ForwardedPort) -> [String] { overMaster + ["-W", "\(port)", "--", destination] }

    /// The same over a login of its own, which says why the port could not be had.
    func explain(_ port: ForwardedPort) -> [String] {
        ["-o", "LogLevel=INFO", "-o", "ControlPath=none"] + common
            + ["-o", "ControlMaster=no", "-W", "\(port)", "--", destination]
    }

    /// Ends with 0 where the shared connection stands.
    var standing: [String] { overMaster + ["-O", "check", "--", destination] }

    private func control(_ act: String, _ port: ForwardedPort, _ path: String) -> [String] {
        overMaster + ["-O", act, "-L", "\(path):\(port)", "--", destination]
    }

    private var overMaster: [String] {
        let settings = [
            "ControlPath=\(socket)", "ControlMaster=no", "ProxyCommand=false", "StreamLocalBindMask=0177",
            "LogLevel=ERROR",
        ]
        return ["-F", "/dev/null"] + settings.flatMap { ["-o", $0] }
    }
}
