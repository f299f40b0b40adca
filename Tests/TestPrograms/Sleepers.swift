internal import Glibc

/// `sleep 600` in the part of a service's main process.
///
/// Such are ended by number only while they are that: the numbers of processes come back within minutes, as those of this
/// program's threads too.
public enum Sleepers {
    /// For fakes: `sleeps PID`, `await_sleeper PID` after its start, and `end_sleeper PID`, which waits until it is gone.
    public static let functions = #"""
        sleeps() { [ "$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline")" = 'sleep 600 ' ]; } 2>/dev/null
        await_sleeper() { until sleeps "$1" || ! kill -0 "$1"; do :; done; } 2>/dev/null
        end_sleeper() {
            ! sleeps "$1" || kill "$1"
            while sleeps "$1"; do :; done
        }

        """#

    /// Ends those of `pids`, one in each line.
    public static func end(_ pids: String) {
        for pid in pids.split(separator: "\n").compactMap({ pid_t($0) }) where isSleeper(pid) { kill(pid, SIGKILL) }
    }

    private static func isSleeper(_ pid: pid_t) -> Bool {
        let file = open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var line = [UInt8](repeating: 0, count: 64)
        let length = read(file, &line, line.count)
        return length > 0 && line.prefix(length).elementsEqual("sleep\0600\0".utf8)
    }
}
