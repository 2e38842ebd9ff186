using System.Text.Json.Serialization;

namespace Samovar.Cli.Models;

/// <summary>What <c>model check</c> finds out about a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">The model's own name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Parameters">Numbers in its weights.</param>
/// <param name="TrainedContext">Tokens that it was trained to read.</param>
/// <param name="Memory">What its memory takes.</param>
/// <param name="Template">Its chat template.</param>
/// <param name="Dialect">How it is taken to write calls; null where its tokens could not be read.</param>
/// <param name="ThinkingSwitches">The variables of its template that switch thinking.</param>
/// <param name="Turns">Which turns go on without rendering what was before.</param>
/// <param name="Notes">What will be slow, or does not work.</param>
internal sealed record ModelReport(
    string Path, string Name, string Architecture, long Bytes, long Parameters, int TrainedContext, MemoryReport Memory,
        TemplateReport Template)
{
    public string? Dialect { get; init; }

    /// <summary>A call as the model writes it; null where no way is known letter by letter.</summary>
    public string? Call { get; init; }

    /// <summary>The switch that keeps earlier thoughts; null where there is none, or none is needed.</summary>
    public string? ThoughtsKeptBy { get; init; }

    public IReadOnlyList<string> ThinkingSwitches { get; init; } = [];

    public IReadOnlyList<TurnReport> Turns { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Why it cannot be served; null for a model that can.</summary>
    public string? Refusal { get; init; }
}

/// <param name="Kind"><c>plain</c>, <c>sliding_window</c>, <c>hybrid</c> or <c>recurrent</c>.</param>
/// <param name="BytesPerToken">Of keys and values in 16 bits.</param>
/// <param name="BytesPerSequence">Of the state that has one size.</param>
/// <param name="WindowTokens">Tokens that a layer with a window keeps; 0 where none has one.</param>
internal sealed record MemoryReport(string Kind, long BytesPerToken, long BytesPerSequence, int WindowTokens);

/// <param name="Used"><c>model</c> for its own, <c>chatml</c> where that cannot be used, or is missing.</param>
/// <param name="Named">The names of those beside the first.</param>
/// <param name="Fault">Why it is not used.</param>
/// <param name="Unknown">Filters and tests that are not known, which are errors only where they are reached.</param>
internal sealed record TemplateReport(string Used, IReadOnlyList<string> Named, TemplateFaultReport? Fault, IReadOnlyList<string> Unknown)
{
    /// <summary>Which of the file's templates are used, where it has more than one.</summary>
    public string? Chosen { get; init; }

    /// <summary>What it renders by itself: system messages, tools, calls and so on.</summary>
    public IReadOnlyList<string> Renders { get; init; } = [];
}

/// <param name="Reason">What is wrong.</param>
/// <param name="Line">From one; 0 where there is no place.</param>
/// <param name="Column">From one.</param>
/// <param name="Construct">The tag that it is in.</param>
internal sealed record TemplateFaultReport(string Reason, int Line, int Column, string Construct);

/// <param name="Turn">What ended the conversation, and what is new.</param>
/// <param name="Incremental">Whether only what is new is rendered and read.</param>
internal sealed record TurnReport(string Turn, bool Incremental);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelReport))]
internal sealed partial class ModelJson : JsonSerializerContext;
