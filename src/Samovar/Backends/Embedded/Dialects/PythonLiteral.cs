using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Values as Python prints them, where a template or a model writes such ones for JSON.</summary>
internal static class PythonLiteral
{
    /// <summary>A Python literal as JSON; null where it is none.</summary>
    public static string? ToJson(string literal)
    {
        if (literal is not [('{' or '[' or '('), ..]) return null;
        var collected = new Collected();
        var reader = new LooseReader(collected, ')', '=', "'", ArgumentTypes.Unknown);
        var (taken, progress) = reader.Read("v=" + literal + ")", isLast: true);
        if (progress != CallProgress.Done || taken != literal.Length + 3) return null;
        var json = collected.Json.ToString()["{\"v\": ".Length..^1];
        return JsonInput.TryParse(json, out _) ? json : null;
    }

    private sealed class Collected : IOutputSink
    {
        public StringBuilder Json { get; } = new();
        public void Text(ReadOnlySpan<char> text) { }
        public void Reasoning(ReadOnlySpan<char> text) { }
        public bool BeginCall(string name) => true;
        public bool Offers(ReadOnlySpan<char> nameBeginning) => true;
        public void Arguments(ReadOnlySpan<char> json) => Json.Append(json);
        public void EndCall(bool isWhole = true) { }
    }
}
