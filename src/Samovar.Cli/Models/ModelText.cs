using System.Globalization;
using Samovar.Escaping;

namespace Samovar.Cli.Models;

/// <summary>Prints a report for people.</summary>
internal static class ModelText
{
    public static IEnumerable<string> Lines(ModelReport report) => Fields(report).Select(field =>
        ForeignText.OneLine($"{field.Name,-15}{field.Text}"));

    private static IEnumerable<(string Name, string Text)> Fields(ModelReport report)
    {
        yield return ("model", $"{report.Name} ({report.Architecture})");
        yield return ("size", Invariant($"{report.Parameters / 1e6:0.#} M parameters, {report.Bytes / 1048576.0:0.#} MiB"));
        yield return ("context", Invariant($"trained for {report.TrainedContext} tokens"));
        yield return ("memory", Memory(report.Memory));
        yield return ("template", Template(report.Template));
        if (report.Template.Renders.Count > 0) yield return ("renders", string.Join(", ", report.Template.Renders));
        yield return ("calls", report.Dialect ?? "not looked at");
        if (report.Call is { } call) yield return ("written as", call.ReplaceLineEndings("\u23CE"));
        yield return ("thinking", report.ThinkingSwitches.Count == 0 ? "no switch" : string.Join(", ", report.ThinkingSwitches));
        if (report.ThoughtsKeptBy is { } kept) yield return ("thoughts", $"earlier ones are kept by {kept}");
        foreach (var turn in report.Turns) yield return (turn.Incremental ? "incremental" : "whole", turn.Turn);
        foreach (var note in report.Notes) yield return ("note", note);
        if (report.Refusal is { } refusal) yield return ("not served", refusal);
    }

    private static string Template(TemplateReport template)
    {
        var named = template.Named.Count == 0 ? "" : $"; named: {string.Join(", ", template.Named)}"
            + (template.Chosen is { } chosen ? $"; used: {chosen}" : "");
        return template.Fault is { } fault
            ? Invariant($"ChatML, because its own cannot be used: line {fault.Line}, column {fault.Column}, {fault.Construct}{named}")
            : (template.Used == "model" ? "its own" : "ChatML: it has none") + named;
    }

    private static string Memory(MemoryReport memory)
    {
        var window = memory.WindowTokens > 0 ? Invariant($", window {memory.WindowTokens}") : "";
        var state = memory.BytesPerSequence > 0 ? Invariant($", {memory.BytesPerSequence} bytes a conversation") : "";
        return Invariant($"{memory.Kind}, {memory.BytesPerToken} bytes a token (f16){state}{window}");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
