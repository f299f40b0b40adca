/// The release that the Mesos daemons say they are.
public enum MesosVersion {
    public static let number = "1.11.0"

    /// `/version` of a real 1.11.0.
    public static let document: JSON = [
        "build_date": "2020-11-24 15:38:37", "build_time": .number("1606232317.0"), "build_user": "ubuntu",
        "git_sha": "04bc7ee1984d86fbb0bd782ccc69ce44c13ae4b9", "git_tag": "1.11.0", "version": "1.11.0",
    ]
}
