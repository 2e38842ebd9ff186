using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Stores;

/// <summary>Something that chat completions are found by: the model that answered, or one pair of their metadata.</summary>
/// <param name="Key">Of the metadata; null for the model.</param>
/// <param name="Value">As it was said: case and every character count.</param>
public readonly record struct CompletionLabel(string? Key, string Value)
{
    public static CompletionLabel OfModel(string model) => new(null, model);

    /// <summary>All labels of one completion.</summary>
    /// <param name="metadata">JSON; empty for none.</param>
    public static IReadOnlyList<CompletionLabel> Of(string model, ReadOnlyMemory<byte> metadata) =>
        [OfModel(model), .. MetadataPairs.Of(new RawJson(metadata)).Select(static pair => new CompletionLabel(pair.Key, pair.Value))];
}
