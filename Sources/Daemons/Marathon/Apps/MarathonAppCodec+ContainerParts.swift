/// What a container has beside Docker's image and volumes.
extension MarathonAppCodec {
    /// `appc` from 1.3 to 1.8, `linuxInfo` from 1.8 (ContainerConversion.scala, 1.5.15 to 1.11).
    func readImageless(_ reader: inout ShapeReader, _ container: inout MarathonApp.Container) {
        if version.isAtLeast(1, 3), !version.isAtLeast(1, 9) { container.appc = reader.optional("appc", appcShape) }
        guard version.isAtLeast(1, 8) else { return }
        let info = reader.optional("linuxInfo", linuxInfoShape)
        // Docker's engine is not told.
        if container.type == "MESOS", container.appc == nil { container.linuxInfo = info }
    }

    var credentialShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var credential: JSONObject = [:]
            credential["principal"] = reader.required("principal", .string).map(JSON.string)
            credential["secret"] = reader.optional("secret", .string).map(JSON.string)
            faults += reader.faults
            return .object(credential)
        }
    }

    var pullConfigShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let secret = reader.required("secret", .string)
            faults += reader.faults
            return secret.map { ["secret": .string($0)] }
        }
    }

    private var appcShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var image: JSONObject = [:]
            let name: Shape<String> = version.readsRAML ? .string(minimum: 1) : .string
            image["image"] = reader.required("image", name).map(JSON.string)
            let id = reader.optional("id", version.readsRAML ? .string(minimum: 7) : .string).map(JSON.string)
            image["id"] = id ?? (version.readsRAML ? JSON?.none : .null)
            image["labels"] = .object(JSONObject(reader.optional("labels", .labels) ?? []))
            image["forcePullImage"] = .bool(reader.optional("forcePullImage", .bool) ?? false)
            faults += reader.faults
            return .object(image)
        }
    }

    private var linuxInfoShape: Shape<JSON> {
        Shape { json, path, faults in
            guard let json = Shape<JSON>.object.read(json, path, &faults) else { return nil }
            var reader = ShapeReader(json, path: path)
            var info: JSONObject = [:]
            info["seccomp"] = reader.optional("seccomp", seccompShape)
            if version.isAtLeast(1, 9) { info["ipcInfo"] = reader.optional("ipcInfo", ipcShape) }
            faults += reader.faults
            return .object(info)
        }
    }

    private var seccompShape: Shape<JSON> {
        Shape { json, path, faults in
            guard let json = Shape<JSON>.object.read(json, path, &faults) else { return nil }
            var reader = ShapeReader(json, path: path)
            var seccomp: JSONObject = [:]
            seccomp["profileName"] = reader.optional("profileName", .string).map(JSON.string)
            seccomp["unconfined"] = .bool(reader.optional("unconfined", .bool) ?? false)
            faults += reader.faults
            return .object(seccomp)
        }
    }

    private var ipcShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var info: JSONObject = [:]
            info["mode"] = reader.required("mode", .literal(["PRIVATE", "SHARE_PARENT"])).map(JSON.string)
            info["shmSize"] = reader.optional("shmSize", .int).map(JSON.integer)
            faults += reader.faults
            return .object(info)
        }
    }
}
