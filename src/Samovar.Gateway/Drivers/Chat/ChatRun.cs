using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>A run of items as chat messages.</summary>
/// <param name="Lead">Texts of system and developer messages before everything else, where they have to become one message.</param>
/// <param name="IsLeading">Whether there was nothing but those so far.</param>
/// <param name="Open">Calls at its end that what follows may answer.</param>
internal sealed record ChatRun(IReadOnlyList<string> Lead, IReadOnlyList<RawJson> Messages, bool IsLeading, IReadOnlyList<Item> Open)
{
    /// <summary>Whether a tool's result was the last of the history until here.</summary>
    public bool EndsInTool { get; init; }
}
