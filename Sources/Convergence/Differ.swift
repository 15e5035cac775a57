/// Compares what a host has with what it must have, and puts the difference in an order that leaves no gap.
///
/// Each lane extends it with its own comparison. All of them are pure and synchronous; equal states give no changes. The
/// lanes converge on their own schedules: each comparison is given the others' last observation, and postpones what
/// must wait for it.
public enum Differ {}
