/// Text from nodes and files as it may be shown: control characters and direction overrides are spelled out, so that
/// nothing that was found somewhere can move the cursor, recolour a line or reorder what a plan says.
func visible(_ text: some StringProtocol) -> String {
    guard text.unicodeScalars.contains(where: isUnshowable) else { return String(text) }
    return text.unicodeScalars.map(visible).joined()
}

/// Several lines as one, each `visible`.
func oneLine(_ text: String) -> String { text.lines.map { visible($0) }.joined(separator: " ") }

func visible(_ scalar: Unicode.Scalar) -> String {
    isUnshowable(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
}

private func isUnshowable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\t"
    // Soft hyphens and joiners are harmless; the directional ones are not.
    case .format:
        (0x200E...0x200F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value) || scalar.value == 0x061C
    case .lineSeparator, .paragraphSeparator: true
    default: false
    }
}

/// Columns a terminal gives to `text`; a tab counts as one.
func displayWidth(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

/// 0 for marks that join the character before them, 2 for East Asian wide ones and emoji, else 1.
func displayWidth(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    return switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        2
    default: 1
    }
}

extension String {
    /// With spaces at the end up to `width` columns; longer text stays whole.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth(self)))
    }

    /// With spaces in front up to `width` columns.
    func padded(leadingTo width: Int) -> String {
        String(repeating: " ", count: max(0, width - displayWidth(self))) + self
    }

    /// At most `width` columns; what is cut off shows as `…`.
    func clipped(to width: Int) -> String {
        guard displayWidth(self) > width else { return self }
        var taken = ""
        var used = 0
        for scalar in unicodeScalars {
            used += displayWidth(scalar)
            if used > width - 1 { break }
            taken.unicodeScalars.append(scalar)
        }
        return width > 0 ? taken + "…" : ""
    }

    /// The lines, without their breaks (`\n`, `\r\n`); text that ends in a break has no empty last line.
    var lines: [String] {
        var lines = unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.last == "\r" ? line.dropLast() : line)
        }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
