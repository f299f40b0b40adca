extension OtherSections {
    /// The sections of the whole file that this version reads and does not act on.
    init(_ section: Section, variables: [Setting]) {
        self.init(
            images: section.value("images", .images) ?? [],
            transfer: section.value("transfer", .transfer) ?? TransferSpec(),
            apps: section.value("apps", .oneOrMore(of: .text)) ?? [],
            variables: variables,
            deployments: section.value("deployments", .deployments) ?? DeploymentsSpec(),
            haproxy: section.value("haproxy", .haproxy),
            repositories: section.value("repositories", .repositories) ?? [],
            hold: section.value("hold", .oneOrMore(of: .text(.plain))) ?? [],
            network: section.value("network", .network),
            watch: section.value("watch", .watch) ?? WatchSpec()
        )
    }
}

extension Shape where Value == [ImageSpec] {
    fileprivate static var images: Shape {
        Shape<[(name: Located<String>, value: ImageSpec)]>.mapping(of: .image, names: .image).map { images in
            images.map { name, image in
                var image = image
                image.name = name
                return image
            }
        }
    }
}

extension Shape where Value == ImageSpec {
    fileprivate static var image: Shape {
        section { section in
            ImageSpec(
                name: Located("", at: section.position),
                from: section.optional("from", .text(.sshWord)),
                build: section.optional("build", .text),
                tar: section.optional("tar", .text),
                to: section.optional("to", .target),
                via: section.optional("via", .word),
                architecture: section.optional("arch", .architecture)
            )
        }
    }
}

extension Shape where Value == String {
    fileprivate static var architecture: Shape {
        text.checked { text in
            guard !ImageSpec.architectures.contains(text) else { return nil }
            // As kernels call them.
            let names = ["x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i386": "386", "i686": "386"]
            let hint = names[text].map { "write `\($0)`" } ?? Suggestion.hint(for: text, in: ImageSpec.architectures)
            return Fault("`\(text.abbreviated)` is no architecture of images", hint: hint)
        }
    }
}

extension Shape where Value == ImageSpec.Target {
    /// `agents`, `derived`, a node or a list of nodes.
    fileprivate static var target: Shape {
        Shape<[Located<String>]>.oneOrMore(of: .text).map { names in
            switch names.map(\.value) {
            case ["agents"]: .agents
            case ["derived"]: .derived
            default: .nodes(names.map { Located(NodeName($0.value), at: $0.position) })
            }
        }
    }
}

extension NameRule {
    /// An image's name as Docker takes it: lower case, slashes, an optional tag or digest.
    fileprivate static let image = NameRule { name in
        let repository = ImageName(name).repository
        let isName = repository.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:".contains($0)) }
        return isName && !repository.isEmpty && repository == repository.lowercased()
            ? nil : Fault("`\(name.abbreviated)` is no image name: a-z, 0-9, `.`, `_`, `-`, `/`")
    }
}

extension Shape where Value == TransferSpec {
    fileprivate static var transfer: Shape {
        section { section in
            TransferSpec(
                parallel: section.optional("parallel", .integer(1...64)),
                bandwidth: section.optional("bandwidth", .bandwidth),
                fanOut: section.optional("fanout", .word)
            )
        }
    }
}

extension Shape where Value == Int {
    /// Bytes a second: `50MB/s`, `10MiB`, `800kB/s` or a plain number.
    fileprivate static var bandwidth: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            let unit = text.dropFirst(digits.count).drop { $0 == " " }
            let factors = [
                "": 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1 << 10,
                "MiB": 1 << 20, "GiB": 1 << 30,
            ]
            let name = unit.hasSuffix("/s") ? unit.dropLast(2) : unit
            guard let number = Int(digits), number > 0, let factor = factors[String(name)],
                case (let bytes, false) = number.multipliedReportingOverflow(by: factor)
            else {
                field.fault("`\(text.abbreviated)` is no bandwidth", hint: "write bytes a second, such as 50MB/s")
                return nil
            }
            return bytes
        }
    }
}

extension Shape where Value == DeploymentsSpec {
    fileprivate static var deployments: Shape {
        section { section in
            let apps = section.fields { $0.hasPrefix("/") }.compactMap { name, field in
                Shape<DeploymentsSpec.Terms>.section { DeploymentsSpec.Terms($0) }.read(field).map { (name, $0) }
            }
            return DeploymentsSpec(
                all: DeploymentsSpec.Terms(section),
                apps: Dictionary(apps) { first, _ in first }
            )
        }
    }
}

extension DeploymentsSpec.Terms {
    fileprivate init(_ section: Section) {
        self.init(
            deadline: section.optional("deadline", .length),
            onFailure: section.optional("onFailure", .word)
        )
    }
}

extension Shape where Value == [RepositorySpec] {
    fileprivate static var repositories: Shape {
        let repository = Shape<RepositorySpec>.section { section in
            RepositorySpec(
                name: Located("", at: section.position),
                uri: section.required("uri", .text, fallback: ""),
                suite: section.optional("suite", .text),
                components: section.value("components", .oneOrMore(of: .text)) ?? [],
                key: section.optional("key", .text),
                fingerprints: section.value("fingerprint", .oneOrMore(of: .text)) ?? []
            )
        }
        return Shape<[(name: Located<String>, value: RepositorySpec)]>.mapping(of: repository, names: .plain).map {
            $0.map { name, repository in
                var repository = repository
                repository.name = name
                return repository
            }
        }
    }
}
