using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What is sent of an output that a limit cut off.</summary>
internal sealed record CutReading(string Text, string? Arguments)
{
    public static CutReading Of(ModelDialect dialect, string written)
    {
        var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource()) { IsCut = true };
        var parser = DialectChoice.Parser(dialect, sink, 4096, "");
        parser.Feed(written);
        parser.Cut();
        sink.End(isTextWhole: !parser.LeftMarkup);
        var (text, arguments, isCall) = ("", (string?)null, false);
        foreach (var seen in sink.Drain())
            switch (seen)
            {
                case BackendEvent.MessageStarted: isCall = false; break;
                case BackendEvent.FunctionCallStarted: (isCall, arguments) = (true, ""); break;
                case BackendEvent.Delta delta when isCall: arguments += delta.Text; break;
                case BackendEvent.Delta delta: text += delta.Text; break;
            }
        return new CutReading(text, arguments);
    }

    /// <summary>Whether arguments are those of the fixture's call as far as they go.</summary>
    public static bool IsBeginning(string arguments)
    {
        using var closed = JsonDocument.Parse(CutObject.Close(arguments));
        foreach (var property in closed.RootElement.EnumerateObject())
            if (!(property.Name switch
                {
                    "city" => "Zürich".StartsWith(property.Value.GetString()!, StringComparison.Ordinal),
                    "days" => property.Value.ValueKind == JsonValueKind.Number && property.Value.GetInt32() == 3,
                    _ => false,
                })) return false;
        return true;
    }
}
