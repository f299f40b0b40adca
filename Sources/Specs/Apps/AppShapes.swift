extension Shape where Value == Int {
    /// A whole number as JSON has it: quoted digits are text, which Marathon refuses.
    static func typedInteger(_ range: ClosedRange<Int>) -> Shape {
        Shape { field in
            if let scalar = field.node.scalar, !scalar.isPlain, !scalar.text.contains("${") {
                field.fault("`\(field.path)` must be a number, not the text \"\(scalar.text.abbreviated)\"")
                return nil
            }
            return integer(range).read(field)
        }
    }
}

extension Shape where Value == Double {
    /// A number that is not negative, as JSON has it.
    static var amount: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            guard field.node.scalar?.isPlain == true || field.node.scalar?.text.contains("${") == true,
                let number = Double(text), number.isFinite
            else {
                field.fault("`\(field.path)` must be a number, not `\(text.abbreviated)`")
                return nil
            }
            guard number >= 0 else {
                field.fault("`\(field.path)` must not be negative")
                return nil
            }
            return number
        }
    }
}

extension Shape where Value == String {
    /// Text of any kind, `${…}` as it is written.
    static var anyText: Shape { Shape { $0.scalarText() } }
}

extension Shape where Value == [String] {
    static var texts: Shape { Shape<[Located<String>]>.list(of: .anyText).map { $0.map(\.value) } }
}

/// A container and the service ports of its mappings, nil where it has no mappings.
struct ContainerReading {
    var container: AppDefinition.Container
    var mappings: [Located<Int>]?
}

extension Shape where Value == ContainerReading {
    static var container: Shape {
        Shape { field in
            guard let section = Section(field) else { return nil }
            let docker = section.value("docker", .docker)
            let mappings = section.value("portMappings", .list(of: .servicePort)) ?? docker?.mappings
            let type = Shape<String>.text.checked { type in
                ["DOCKER", "MESOS"].contains(type)
                    ? nil
                    : Fault(
                        "`\(type.abbreviated)` is no type of container",
                        hint: Suggestion.hint(for: type, in: ["DOCKER", "MESOS"])
                    )
            }
            let container = AppDefinition.Container(
                position: field.position,
                type: section.optional("type", type),
                image: docker?.image
            )
            if container.type?.value == "DOCKER", container.image == nil,
                docker == nil || !field.context.hasFault(inside: "\(field.path).docker")
            {
                field.fault("a DOCKER container needs `docker.image`")
            }
            return ContainerReading(container: container, mappings: mappings?.compactMap(\.value))
        }
    }
}

/// `container.docker`.
struct DockerReading {
    var image: Located<String>?
    var mappings: [Located<Located<Int>?>]?
}

extension Shape where Value == DockerReading {
    fileprivate static var docker: Shape {
        Shape { field in
            guard let section = Section(field) else { return nil }
            return DockerReading(
                image: section.optional("image", .text),
                mappings: section.value("portMappings", .list(of: .servicePort))
            )
        }
    }
}

extension Shape where Value == Located<Int>? {
    /// An entry of `portMappings`: its service port, if it says one.
    fileprivate static var servicePort: Shape { port("servicePort", others: ["containerPort", "hostPort"]) }

    /// An entry of `portDefinitions`.
    static var portDefinition: Shape { port("port", others: []) }

    private static func port(_ key: String, others: [String]) -> Shape {
        Shape { field in
            guard let section = Section(field) else { return nil }
            for other in others { _ = section.optional(other, .typedInteger(0...65535)) }
            return .some(section.optional(key, .typedInteger(0...65535)))
        }
    }
}
