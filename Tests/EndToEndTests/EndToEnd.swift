import Testing

/// The story on real nodes, in its order: each chapter starts where the one before ended.
@Suite(.serialized) struct EndToEnd {}
