/// The version of wgd and wgctl, which are one program.
public enum ProgramVersion {
    public static let current = "0.1.0"
}
