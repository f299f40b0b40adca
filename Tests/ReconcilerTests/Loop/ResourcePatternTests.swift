import Reconciler
import Testing

@Suite("A pattern of resources")
struct ResourcePatternTests {
    @Test(
        "matches any text for its stars, and else only itself",
        arguments: [
            ("file:/etc/motd", "file:/etc/motd", true), ("file:/etc/motd", "file:/etc/motd2", false),
            ("file:*", "file:/etc/motd", true), ("app:/shop/*", "app:/shop/cart", true),
            ("app:/shop/*", "app:/shopping", false), ("file:/etc/*/conf", "file:/etc/a/b/conf", true),
            ("file:/etc/*/conf", "file:/etc/conf", false), ("*a*b*", "xaxbx", true), ("*a*b*", "xbxax", false),
            ("a*a", "a", false), ("a*a", "aa", true),
        ]
    )
    func matches(pattern: String, resource: String, isMatch: Bool) {
        #expect(ResourcePattern(pattern).matches(resource) == isMatch)
    }
}
