import Testing

extension EndToEnd {
    /// A secret reaches the daemon that needs it, and nothing else.
    @Suite(.serialized) struct Chapter5Secrets {
        @Test func aCredentialIsOnTheNodeAndInNoOutput() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            try await bed.editSpec("\nmarathon:\n", "\nmarathon:\n  httpCredentials: ${env:API_LOGIN}\n")
            let missing = try await bed.reconciler("plan")
            #expect(missing.status == 1 && missing.errors.contains("API_LOGIN"), "\(missing)")

            let apply = try await reconciler(bed, "apply --yes -v")
            #expect(apply.status == 0, "\(apply)")
            let file = try await bed.on("mesos-master1", "grep CREDENTIALS /etc/default/marathon")
            #expect(file.output.contains("admin:new-s3cret"))
            let mode = try await bed.on("mesos-master1", "stat -c %a /etc/default/marathon")
            #expect(["600", "640"].contains(mode.output.trimmed))
            let running = try await bed.on(
                "mesos-master1",
                "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID marathon)/environ | grep CREDENTIALS"
            )
            #expect(running.output.contains("admin:new-s3cret"))
            let quiet = try await reconciler(bed, "plan --detailed-exitcode")
            #expect(quiet.status == 0, "\(quiet)")

            try await bed.on("mesos-master1", "sed -i s/new-s3cret/old-s3cret/ /etc/default/marathon")
            var outputs = [missing, apply, quiet]
            for command in ["plan -v", "plan --format json", "observe -v", "observe --format json"] {
                outputs.append(try await reconciler(bed, command))
            }
            #expect(outputs[3].output.contains("•••"), "\(outputs[3])")
            for output in outputs { #expect(!"\(output)".contains("s3cret")) }
        }

        private func reconciler(_ bed: TestbedHarness, _ command: String) async throws -> TestbedHarness.Result {
            try await bed.operatorShell(
                "API_LOGIN=admin:new-s3cret \(bed.binary) \(command) -f \(bed.directory)/cluster.yaml --ssh-config \(bed.sshConfig)"
            )
        }
    }
}
