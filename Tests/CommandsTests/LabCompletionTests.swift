import Testing

@testable import Commands

struct LabCompletionTests {
    @Test(arguments: [
        (["wgctl", "lab", "exec", "--name", "two", ""], "two"), (["wgctl", "lab", "exec", "--name=two", ""], "two"),
        (["wgctl", "lab", "exec", "--name", "=", "two", ""], "two"), (["wgctl", "lab", "exec", ""], "lab"),
    ])
    func hostsAreThoseOfTheLabThatTheWordsName(_ words: [String], _ lab: String) {
        #expect(LabCompletion.lab(in: words) == lab)
    }
}
