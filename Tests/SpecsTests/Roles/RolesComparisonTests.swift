import Specs
import Testing

@Suite struct RolesComparisonTests {
    @Test(arguments: [
        (DesiredFile.Comparison.exact, "a\n", "a", false), (.trailingNewlines, "a\n\n", "a", true),
        (.trailingNewlines, " a", "a", false), (.trailingNewlines, "1 \n", "1\n", false),
        (.duration, "60secs\n", "1mins", true), (.duration, "1mins", "2mins", false), (.duration, "1mins", "x", false),
        (.duration, "x\n", "x", true),
    ])
    func wholeFilesAreComparedAsTheirReadersRead(
        comparison: DesiredFile.Comparison,
        a: String,
        b: String,
        isEqual: Bool
    ) {
        #expect(comparison.areEqual(Content(a), Content(b)) == isEqual)
        #expect(comparison.areEqual(Content(b), Content(a)) == isEqual)
    }

    @Test(arguments: [
        ("zk://user:pass@h1:2181,h2:2181/mesos", "zk://•••@h1:2181,h2:2181/mesos"),
        ("a zk://u:p@h/x and http://v:q@i/", "a zk://•••@h/x and http://•••@i/"),
        ("zk://h1:2181,h2:2181/mesos", "zk://h1:2181,h2:2181/mesos"), ("mail@host", "mail@host"),
        ("zk://u:pa/ss@h/x", "zk://•••@h/x"), ("http://h:80/a@b", "http://h:80/a@b"), ("://", "://"),
    ])
    func userinfoIsTakenOutOfURLs(text: String, shown: String) {
        #expect(SensitiveNames.redactingUserinfo(text).shown == shown)
    }

    @Test func declaredSecretsInUserinfoStayWhatTheyAre() {
        let secret = Content([.secret(.environment("P"))])
        let content = "zk://user:" + secret + "@h/x"
        #expect(SensitiveNames.redactingUserinfo(content).shown == "zk://•••${env:P}@h/x")
    }

    @Test(arguments: [
        (KeyedEdit.Format.shell, "plain-123", true), (.shell, "it's", false), (.environmentFile, "a\nb", false),
        (.properties, "it's", true), (.properties, "a\\b", false),
    ])
    func someSecretsCannotBeWrittenIntoKeyedFiles(format: KeyedEdit.Format, secret: String, fits: Bool) {
        #expect(format.canHold(secret: secret) == fits)
    }
}
