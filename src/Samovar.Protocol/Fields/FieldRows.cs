using System.Collections.Frozen;

namespace Samovar.Protocol.Fields;

/// <summary>Every field of every API: the readers take their forms from it, drivers what they do, errors the client's names, and
/// docs/fields.md is generated from it.</summary>
internal static class FieldRows
{
    private static readonly Dictionary<FieldApi, IReadOnlyList<FieldRow>> ByApi = new()
    {
        [FieldApi.Responses] = [.. ResponsesRows.Settings, .. ResponsesRows.Objects, .. ResponsesRows.Items],
        [FieldApi.Chat] = [.. ChatRows.Settings, .. ChatRows.Objects, .. ChatRows.Messages],
        [FieldApi.Messages] = [.. MessagesRows.Settings, .. MessagesRows.Blocks],
        [FieldApi.Queries] = QueryRows.All,
    };

    private static readonly FrozenDictionary<string, FieldRow> ResponsesByPath =
        Of(FieldApi.Responses).Concat(ChatRows.OfChatAlone)
            .ToFrozenDictionary(row => row.Path, StringComparer.Ordinal);

    public static IEnumerable<FieldRow> All => ByApi.Values.SelectMany(rows => rows);

    public static IReadOnlyList<FieldRow> Of(FieldApi api) => ByApi[api];

    /// <summary>The row of a create request's field, those included that only other APIs bring along.</summary>
    public static FieldRow? OfRequest(string path) => ResponsesByPath.GetValueOrDefault(path);
}
