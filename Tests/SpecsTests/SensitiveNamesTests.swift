import Testing

@testable import Specs

@Suite struct SensitiveNamesTests {
    @Test(arguments: [
        "credentials", "credential", "http_credentials", "--http-credentials", "MARATHON_HTTP_CREDENTIALS",
        "mesos_authentication_secret", "jwt_secret_key", "ssl_keystore_password", "DB_PASSWORD", "API_TOKEN", "AWS_KEY",
        "CLIENT_SECRET", "?credentials", "ssl.keyStore.password",
    ])
    func hidesTheValueOf(name: String) {
        #expect(SensitiveNames.isSensitive(flag: name))
    }

    @Test(arguments: [
        "quorum", "zk", "hostname", "mesos_authentication_secret_file", "ssl_keystore_path", "work_dir",
        "mesos_authentication_principal", "launch_tokens", "secret_resolver", "task_launch_timeout",
        "authenticate_agents", "",
    ])
    func showsTheValueOf(name: String) {
        #expect(!SensitiveNames.isSensitive(flag: name))
    }

    @Test(arguments: [
        ("zk://user:pw@10.0.0.1:2181,10.0.0.2:2181/mesos", "zk://•••@10.0.0.1:2181,10.0.0.2:2181/mesos"),
        ("--master=zk://u:p@h:1/m --zk=zk://u:p@h:1/n", "--master=zk://•••@h:1/m --zk=zk://•••@h:1/n"),
        ("see http://a:b@c/d and https://e@f", "see http://•••@c/d and https://•••@f"),
        ("zk://u:p@ss@h:2181/mesos", "zk://•••@h:2181/mesos"),
        ("zk://u:pa/ss@h:2181/mesos", "zk://•••@h:2181/mesos"),
        ("HTTP://U:P@h", "HTTP://•••@h"),
        ("zk://10.0.0.1:2181/mesos", "zk://10.0.0.1:2181/mesos"),
        ("http://h:8080/a@b", "http://h:8080/a@b"),
        ("ftp://u:p@h me@example.org http://", "ftp://•••@h me@example.org http://"),
        ("http://[::1]:80/x@y", "http://[::1]:80/x@y"),
        ("\"http://u:p@h\"", "\"http://•••@h\""),
    ])
    func takesUserinfoOutOfURLs(text: String, redacted: String) {
        #expect(SensitiveNames.redactingUserinfo(text).shown == redacted)
        #expect((SensitiveNames.redactingUserinfo(text) == Content(text)) == (text == redacted))
    }

    @Test func redactingTwiceIsRedactingOnce() {
        let once = SensitiveNames.redactingUserinfo("zk://u:p@h/x http://a@b")
        #expect(SensitiveNames.redactingUserinfo(once) == once)
    }
}
