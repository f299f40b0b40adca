extension DesiredFile.Comparison {
    /// Whether two whole contents mean the same to whoever reads the file.
    public func areEqual(_ a: Content, _ b: Content) -> Bool {
        switch self {
        case .exact: return a == b
        case .trailingNewlines: return a.withoutTrailingNewlines == b.withoutTrailingNewlines
        case .duration:
            let (left, right) = (a.withoutTrailingNewlines, b.withoutTrailingNewlines)
            if left == right { return true }
            guard let left = left.plainText.flatMap(MesosDuration.init),
                let right = right.plainText.flatMap(MesosDuration.init)
            else { return false }
            return left == right
        }
    }
}
