/// Compares the observed with the desired state, and orders the changes so that nothing is interrupted.
///
/// Each lane extends it with its own comparison. All are pure and synchronous; equal states give no changes. The lanes
/// converge on their own schedules: each comparison receives the others' last observation, and postpones changes that
/// must wait for it.
public enum Differ {}
