extension Shape where Value == MesosSpec {
    /// `mesos:`.
    static var mesos: Shape {
        section { section in
            MesosSpec(
                position: section.position,
                zkPath: section.optional("zk", .text) ?? Located("/mesos", at: section.position),
                quorum: section.required("quorum", .integer(1...Int.max), fallback: 1),
                cluster: section.optional("cluster", .text),
                master: section.value("master", .master) ?? MesosSpec.Master(),
                agent: section.value("agent", .agent) ?? MesosSpec.Agent(),
                httpCredentials: section.optional("httpCredentials", .userAndPassword),
                https: section.optional("https", .boolean),
                authority: section.optional("authority", .text)
            )
        }
    }
}

extension Shape where Value == MesosSpec.Master {
    fileprivate static var master: Shape {
        section { section in
            MesosSpec.Master(
                flags: section.value("flags", .flags) ?? [],
                workDirectory: section.optional("workDir", .absolutePath),
                credentials: section.optional("credentials", .json),
                acls: section.optional("acls", .json)
            )
        }
    }
}

extension Shape where Value == MesosSpec.Agent {
    fileprivate static var agent: Shape {
        section { section in
            MesosSpec.Agent(
                containerizers: section.optional("containerizers", .words),
                executorRegistrationTimeout: section.optional("executor_registration_timeout", .duration),
                flags: section.value("flags", .flags) ?? [],
                attributes: section.value("attributes", .attributes) ?? [],
                resources: section.value("resources", .attributes) ?? [],
                workDirectory: section.optional("workDir", .absolutePath),
                credentials: section.optional("credentials", .json)
            )
        }
    }
}

extension Shape where Value == [String] {
    /// A list of words, or one text with commas between them, as the flag has it.
    fileprivate static var words: Shape {
        let text = Shape<String>.text.map { text in
            text.split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0.drop { $0 == " " }) }
        }
        let list = Shape<[Located<String>]>.list(of: .text).map { $0.map(\.value) }
        return Shape { field in field.node.scalar == nil ? list.read(field) : text.read(field) }
    }
}

extension Shape where Value == MarathonSpec {
    /// `marathon:`.
    static var marathon: Shape {
        section { section in
            MarathonSpec(
                position: section.position,
                zkPath: section.optional("zk", .text) ?? Located("/marathon", at: section.position),
                flags: section.value("flags", .flags) ?? [],
                httpCredentials: section.optional("httpCredentials", .lineContent),
                token: section.optional("token", .lineContent),
                https: section.optional("https", .boolean),
                authority: section.optional("authority", .text),
                endpoint: section.optional("endpoint", .marathonURL)
            )
        }
    }
}

extension Shape where Value == String {
    /// `http(s)://host[:port][/path]`; what says who asks has keys of its own.
    fileprivate static var marathonURL: Shape {
        text.checked { text in
            do throws(WebAddress.Fault) {
                let address = try WebAddress(text)
                if address.credentials != nil {
                    return Fault("it holds a user", hint: "write user and password as httpCredentials, from a secret")
                }
                return address.target.contains("?") ? Fault("it has a query", hint: "leave out what follows `?`") : nil
            } catch {
                return Fault(error.fact, hint: error.move ?? "write http://HOST:PORT or https://HOST:PORT")
            }
        }
    }
}

extension Shape where Value == Content {
    /// `user:password`; a secret may stand for all of it.
    fileprivate static var userAndPassword: Shape {
        lineContent.checked { content in
            let isWhole = content.plainText.map { $0.contains(":") && $0.first != ":" } ?? true
            return isWhole ? nil : Fault("these are no credentials", hint: "write user:${env:PASSWORD}")
        }
    }
}
