using Samovar.Testing.Engines;

namespace Samovar.Bench.Workloads.Certificates;

/// <summary>A small template with the construct that a family of models has, and how such a model writes.</summary>
/// <param name="Name">The family, and the construct.</param>
/// <param name="Template">Its template.</param>
/// <param name="Marks">Its special tokens; the first ends a turn.</param>
internal sealed record TemplateFamily(string Name, string Template, params string[] Marks)
{
    /// <summary>How it writes what was thought, behind what the template opens the answer with.</summary>
    public Func<string, string> Thought { get; init; } = static thought => $"<think>\n{thought}\n</think>\n\n";

    /// <summary>How it writes a call.</summary>
    public Func<string, string> Call { get; init; } = static arguments =>
        $"<tool_call>\n{{\"name\": \"look\", \"arguments\": {arguments}}}\n</tool_call>";

    /// <summary>How it writes an answer.</summary>
    public Func<string, string> Answer { get; init; } = static answer => answer;

    /// <summary>The token that ends a call; default: the one that ends a turn.</summary>
    public string? CallEnd { get; init; }

    public FakeTokenizer Tokenizer() => new(
        [new(Marks[0], EndsTurn: true), .. Marks.Skip(1).Select(mark => new FakeSpecial(mark, IsControl(mark), mark == CallEnd))],
        end: Marks[0]);

    private static bool IsControl(string mark) =>
        !mark.Contains("think", StringComparison.Ordinal) && !mark.Contains("tool_", StringComparison.Ordinal);
}
