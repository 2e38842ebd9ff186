using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Reads <c>prompt_cache_diagnostics</c>, without its extension; anything but an object is null.</summary>
internal static class CacheDiagnosticsReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, said) => said.Type = json.TextOrNull()),
        ("cache_missed_tokens", static (ref json, said) => said.Missed = json.IntOrNull()),
        ("reason", static (ref json, said) => said.Reason = json.TextOrNull()),
        (CacheDiagnosticsWriter.SystemMark, ReadMark),
        ("comparison_reusable_tokens", static (ref json, said) => said.Reusable = json.IntOrNull()));

    public static CacheDiagnostics? Read(ref JsonCursor json)
    {
        var said = json.Token == JsonTokenType.StartObject ? new Draft() : null;
        json.ObjectOrSkip(Fields, said!);
        return said?.ToDiagnostics();
    }

    private static void ReadMark(ref JsonCursor json, Draft said)
    {
        said.IsOfSystem = json.Token == JsonTokenType.True;
        json.Skip();
    }

    private sealed class Draft
    {
        public string? Type { get; set; }
        public int? Missed { get; set; }
        public string? Reason { get; set; }
        public bool IsOfSystem { get; set; }
        public int? Reusable { get; set; }

        public CacheDiagnostics ToDiagnostics() => Type switch
        {
            "cache_hit" => new CacheDiagnostics.Hit(),
            "cache_miss" => new CacheDiagnostics.Miss(Missed ?? 0, Reason ?? MissReasons.Input, Reusable) { IsOfSystem = IsOfSystem },
            "comparison_response_not_found" => new CacheDiagnostics.ComparisonNotFound(),
            _ => new CacheDiagnostics.Unavailable(),
        };
    }
}
