using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Reads <c>usage</c>; a count that is missing is 0, and anything but an object is null.</summary>
internal static class UsageReader
{
    private static readonly FieldTable<Draft> InputDetails = new(
        ("cached_tokens", static (ref json, usage) => usage.Cached = json.IntOrNull()),
        ("cache_write_tokens", static (ref json, usage) => usage.CacheWrite = json.IntOrNull()));

    private static readonly FieldTable<Draft> OutputDetails = new(
        ("reasoning_tokens", static (ref json, usage) => usage.Reasoning = json.IntOrNull()));

    private static readonly FieldTable<Draft> Fields = new(
        ("input_tokens", static (ref json, usage) => usage.Input = json.IntOrNull()),
        ("output_tokens", static (ref json, usage) => usage.Output = json.IntOrNull()),
        ("input_tokens_details", static (ref json, usage) => json.ObjectOrSkip(InputDetails, usage)),
        ("output_tokens_details", static (ref json, usage) => json.ObjectOrSkip(OutputDetails, usage)));

    public static Usage? Read(ref JsonCursor json)
    {
        var usage = json.Token == JsonTokenType.StartObject ? new Draft() : null;
        json.ObjectOrSkip(Fields, usage!);
        return usage?.ToUsage();
    }

    private sealed class Draft
    {
        public int? Input { get; set; }
        public int? Cached { get; set; }
        public int? CacheWrite { get; set; }
        public int? Output { get; set; }
        public int? Reasoning { get; set; }

        public Usage ToUsage() => new(Input ?? 0, Cached ?? 0, Output ?? 0, Reasoning ?? 0) { CacheWriteTokens = CacheWrite ?? 0 };
    }
}
