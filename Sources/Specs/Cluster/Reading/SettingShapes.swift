extension Shape where Value == [Setting] {
    /// A mapping of names to texts.
    static func settings(_ names: NameRule, values: Shape<Content> = .content) -> Shape {
        Shape<[(name: Located<String>, value: Located<Content>)]>.mapping(of: values.located, names: names)
            .map { $0.map { Setting(name: $0.name, value: $0.value) } }
    }

    /// Flags of a daemon, without dashes; the values as they are written.
    static var flags: Shape { settings(.flag) }

    /// `attributes` and `resources` of an agent; Mesos separates them by `;`, and writes ranges as `[31000-32000]`.
    static var attributes: Shape { settings(.attribute, values: .attribute) }

    static var properties: Shape { settings(.property, values: .lineContent) }
}

extension Shape where Value == Content {
    fileprivate static var attribute: Shape {
        let scalar = lineContent.checked { content in
            content.shown.contains(";") ? Fault("the value must not hold `;`, which separates settings") : nil
        }
        return Shape { field in
            // A resource such as `ports: [31000-32000]` is a list to YAML and a range to Mesos.
            guard field.node.items != nil else { return scalar.read(field) }
            return Shape<[Located<String>]>.list(of: .text).read(field).map { ranges in
                Content("[\(ranges.map(\.value).joined(separator: ", "))]")
            }
        }
    }
}

extension Shape where Value == [FileSpec] {
    /// `files:`.
    static var files: Shape {
        Shape<[(name: Located<String>, value: FileBody)]>.mapping(of: .fileBody, names: .absolutePath).map { files in
            files.compactMap { path, body in
                body.source.map {
                    FileSpec(path: path, source: $0, owner: body.owner, group: body.group, mode: body.mode)
                }
            }
        }
    }
}

/// `files.PATH`, before it is known to be whole.
struct FileBody {
    var source: Located<FileSpec.Source>?
    var owner: Located<String>?
    var group: Located<String>?
    var mode: Located<Int>?
}

extension Shape where Value == FileBody {
    static var fileBody: Shape {
        section { section in
            let content = section.optional("content", .content)
            let source = section.optional("source", .text)
            let hasContent = section.field("content") != nil
            let hasSource = section.field("source") != nil
            if hasContent == hasSource {
                let problem = hasContent ? "has both `content` and `source`" : "has neither `content` nor `source`"
                section.field.fault("`\(section.field.path)` \(problem)", at: section.position)
            }
            return FileBody(
                source: content.map { Located(.content($0.value), at: $0.position) }
                    ?? source.map { Located(.source($0.value), at: $0.position) },
                owner: section.optional("owner", .text(.plain)),
                group: section.optional("group", .text(.plain)),
                mode: section.optional("mode", .fileMode)
            )
        }
    }
}

extension Shape where Value == [ServiceSpec] {
    /// `services:`.
    static var services: Shape {
        let state = Shape<(boot: Located<Bool>?, running: Located<Bool>?)>.section { section in
            (section.optional("boot", .boolean), section.optional("running", .boolean))
        }
        return .init { field in
            Shape<[(name: Located<String>, value: (boot: Located<Bool>?, running: Located<Bool>?))]>
                .mapping(of: state, names: .plain).read(field)?
                .map { name, state in
                    let service = Located(ServiceName(name.value), at: name.position)
                    return ServiceSpec(name: service, boot: state.boot, running: state.running)
                }
        }
    }
}
