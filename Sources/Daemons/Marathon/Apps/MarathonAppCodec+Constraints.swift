extension MarathonAppCodec {
    /// Two or three texts.
    ///
    /// Up to 0.8 the operator is read as a name of a Java enumeration, whose exception is answered.
    var constraintShape: Shape<[String]> {
        let texts: Shape<[String]> = .array(.string)
        if version.readsRAML {
            return texts.checked("error.minLength") { $0.count >= 2 }.checked("error.maxLength") { $0.count <= 3 }
        }
        let operators = Self.operators(version)
        if !version.isAtLeast(0, 9) {
            return Shape { json, path, faults in
                guard let constraint = texts.read(json, path, &faults) else { return nil }
                let thrown: MarathonFault? =
                    if constraint.count < 2 {
                        .internalError("\(constraint.count)")
                    } else if !operators.contains(constraint[1]) {
                        MarathonFault(422, ["message": .string(Self.enumeration + constraint[1])])
                    } else {
                        nil
                    }
                if let thrown { faults.append(ShapeFault(path: path, thrown: thrown)) }
                return thrown == nil ? Array(constraint.prefix(constraint.count == 3 ? 3 : 2)) : nil
            }
        }
        return Shape { json, path, faults in
            var ignored: [ShapeFault] = []
            let constraint = texts.read(json, path, &ignored)
            guard let constraint, 2...3 ~= constraint.count else {
                let code = "Constraint definition must be an array of strings in format: <key>, <operator>[, value]"
                faults.append(ShapeFault(path: path, code: code))
                return nil
            }
            guard operators.contains(constraint[1]) else {
                let names = operators.joined(separator: ", ")
                let code = "Constraint operator must be one of the following: [\(names)]"
                faults.append(ShapeFault(path: path, code: code))
                return nil
            }
            return constraint
        }
    }

    private static let enumeration = "No enum constant mesosphere.marathon.Protos.Constraint.Operator."

    /// In the order of the protobuf enumeration.
    static func operators(_ version: MarathonVersion) -> [String] {
        ["UNIQUE", "LIKE", "CLUSTER", "GROUP_BY", "UNLIKE"] + (version.isAtLeast(1, 3) ? ["MAX_PER"] : [])
            + (version.isAtLeast(1, 6) ? ["IS"] : [])
    }

    /// What is wrong with a constraint's value, nil if nothing (from 1.3; marathon-api.md section 4).
    func constraintFault(_ constraint: [String]) -> String? {
        let value = constraint.count > 2 ? constraint[2] : nil
        let isWhole = value.map { Int32($0) != nil }
        guard version.readsRAML else {
            switch constraint[1] {
            case "UNIQUE": return value?.isEmpty == false ? "Value specified but not used" : nil
            case "GROUP_BY": return isWhole == false ? "Value was specified but is not a number" : nil
            case "MAX_PER": return isWhole == true ? nil : "Value was not specified or is not a number"
            case "LIKE", "UNLIKE": return value == nil ? "A regular expression value must be provided" : nil
            default: return nil
            }
        }
        if constraint[0].isEmpty { return "illegal constraint specification" }
        switch constraint[1].uppercased() {
        case "UNIQUE": return value == nil ? nil : "UNIQUE does not accept a value"
        case "CLUSTER": return nil
        case "GROUP_BY":
            return isWhole == false ? "GROUP BY must define an integer value or else no value at all" : nil
        case "MAX_PER": return isWhole == true ? nil : "MAX_PER requires an integer value"
        case "LIKE", "UNLIKE":
            return value == nil ? "LIKE and UNLIKE require a non-empty, regular expression value" : nil
        case "IS" where version.isAtLeast(1, 6):
            return (value ?? "").utf8.allSatisfy(Self.isLiteral) ? nil : Self.isMessage
        default: return Self.operatorMessage
        }
    }

    private static let isMessage = """
        IS only supports Mesos text and float values \
        (see http://mesos.apache.org/documentation/latest/attributes-resources/)
        """
    private static let operatorMessage =
        "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS"

    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
