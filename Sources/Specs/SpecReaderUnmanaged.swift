extension ClusterSpec {
    /// The names of declared keys that are read and checked, and that this version does not act on; sorted.
    var unmanagedKeys: [String] { other.watch.webhook == nil ? [] : ["watch.webhook"] }
}
