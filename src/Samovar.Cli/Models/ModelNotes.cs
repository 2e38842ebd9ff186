using System.Globalization;
using Samovar.Engine;

namespace Samovar.Cli.Models;

/// <summary>What will be slow with a model, and what does not work.</summary>
internal static class ModelNotes
{
    private const long LargeBytesPerToken = 256 * 1024;

    public static IEnumerable<string> Of(ModelReport report, GgufMetadata file, StateShape state)
    {
        if (report.Template.Fault is { } fault)
            yield return "Its template cannot be used, and ChatML takes its place: " + fault.Reason;
        else if (report.Template.Used != "model")
            yield return "It has no template, and ChatML takes its place: a model that was not trained on ChatML answers badly.";
        foreach (var unknown in report.Template.Unknown)
            yield return unknown + " A conversation that comes there fails.";
        if (report.Dialect is not null && !report.Template.Renders.Contains("tools", StringComparer.Ordinal))
            yield return "Its template announces no tools: they are announced in the system text.";
        if (report.Dialect is not null && !report.Template.Renders.Contains("calls", StringComparer.Ordinal))
            yield return "Its template renders no calls: they become text.";
        foreach (var turn in report.Turns.Where(turn => !turn.Incremental))
            yield return $"Rendered whole, and read again from where it differs: {turn.Turn}.";
        if (Memory(state) is { } memory) yield return memory;
        if (state.BytesPerToken >= LargeBytesPerToken)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"A conversation of 32,768 tokens takes {state.BytesPerToken * 32_768.0 / (1 << 30):0.0} GiB.");
    }

    public static bool IsEmbedder(GgufMetadata file) =>
        file.Numbers("pooling_type").Count > 0 || file.Architecture.Contains("bert", StringComparison.Ordinal);

    private static string? Memory(StateShape state) => state.Kind switch
    {
        MemoryKind.SlidingWindow => string.Create(CultureInfo.InvariantCulture,
            $"Layers with a window of {state.WindowTokens} tokens: a conversation is taken up again only where a snapshot of it was made."),
        MemoryKind.Hybrid or MemoryKind.Recurrent =>
            "Layers that keep one state: a conversation is taken up again only where a snapshot of it was made, and not cut back.",
        _ => null,
    };
}
