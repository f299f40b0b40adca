import Dispatch
import Testing

/// A thread of its own for what a test awaits.
///
/// Hundreds of tests share the few threads of the cooperative pool: a clock that is read there measures their queue and not
/// the limit under test. Tasks that are not children need `Task(executorPreference: OwnThread.current)`.
final class OwnThread: TaskExecutor {
    /// That of the test that runs; nil without the trait.
    @TaskLocal static var current: OwnThread?

    /// A serial queue has a thread of its own as soon as it has work, however busy the pool is.
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs every test of a suite on a thread of its own.
struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> OwnThreadTrait? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let thread = OwnThread()
        try await OwnThread.$current.withValue(thread) {
            try await withTaskExecutorPreference(thread) { try await function() }
        }
    }
}

extension Trait where Self == OwnThreadTrait {
    /// For tests that read a clock.
    static var ownThread: Self { Self() }
}
