using Samovar.Backends.Embedded.Dialects;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What models write when they are stuck, or mean harm, made of the marks of their dialect.</summary>
internal sealed class HostileOutputs(int chars)
{
    public IEnumerable<(string Kind, string Written)> Of(ModelDialect dialect, string call)
    {
        var kinds = Plain(call).Concat(dialect.Thoughts.SelectMany(Thoughts)).Concat(dialect.Answers.SelectMany(Answers))
            .Concat(dialect.Formats.SelectMany(Marks)).Concat(dialect.Formats.SelectMany(Objects)).Concat(Own(call));
        return kinds.Where(kind => kind.Written.Length > 0);
    }

    private IEnumerable<(string Kind, string Written)> Plain(string call)
    {
        yield return ("whitespace", Repeat("\n"));
        yield return ("whitespace behind text", "a" + Repeat(" \n"));
        yield return ("whitespace, then a call", new string(' ', chars) + call);
        yield return ("calls", Repeat(call + "\n"));
        yield return ("half calls", Repeat(call[..(call.Length / 2)]));
        yield return ("calls and space", call + Repeat("\n\t"));
        yield return ("brackets", Repeat("["));
        yield return ("braces", Repeat("{"));
        yield return ("lines of braces", Repeat("\n{"));
        yield return ("lines of brackets", Repeat("\n[ "));
        yield return ("quotes", Repeat("\"\\"));
        yield return ("names", Repeat("\nlookup "));
    }

    private IEnumerable<(string Kind, string Written)> Thoughts(PartMarks part)
    {
        yield return ("thoughts", Repeat(part.Open + "x" + part.Close));
        yield return ("thoughts opened", Repeat(part.Open + " "));
        yield return ("thoughts closed", Repeat(part.Close + " "));
        yield return ("thought half closed", part.Open + "x" + Repeat(part.Close.Length > 1 ? part.Close[..^1] : "x"));
        yield return ("thought of spaces", part.Open + Repeat(" "));
        yield return ("thought and spaces", part.Open + "x" + part.Close + Repeat("\n"));
    }

    private IEnumerable<(string Kind, string Written)> Answers(PartMarks part)
    {
        yield return ("answers", Repeat(part.Open + "x" + part.Close));
        yield return ("answers opened", Repeat(part.Open));
        yield return ("answers closed", Repeat(part.Close + " "));
        yield return ("answer and spaces", part.Open + "x" + part.Close + Repeat(" "));
    }

    private IEnumerable<(string Kind, string Written)> Marks(CallFormat format)
    {
        var open = format.Open + format.CallOpen;
        yield return ("openings " + open, Repeat(open.Length == 0 ? "[" : open));
        yield return ("openings in a text " + open, "a" + Repeat(open + "{"));
        yield return ("opening and spaces " + open, open + Repeat("\n "));
        yield return ("openings on lines " + open, Repeat(open + "\n"));
        yield return ("closings " + open, Repeat(format.CallClose + format.Close + "\n"));
        yield return ("opening and closings " + open, open + Repeat(format.CallClose + "\n"));
        yield return ("openings and closings " + open, Repeat(open + format.CallClose + format.Separator));
        yield return ("head " + open, open + Repeat("lookup "));
        yield return ("heads " + open, Repeat(open + new string('n', 4000)));
        foreach (var mark in (string[])[format.Open, format.CallOpen, format.CallClose, format.Close, format.HeadEnd, format.Separator])
        {
            if (mark.Length < 2) continue;
            yield return ("parts of " + mark, Repeat(mark[..^1]));
            yield return ("parts in turns of " + mark, Repeat(mark[..(mark.Length / 2)] + "\n" + mark[..^1] + " "));
        }
    }

    private IEnumerable<(string Kind, string Written)> Objects(CallFormat format)
    {
        var open = format.Open + format.CallOpen;
        yield return ("objects " + open, Repeat(open + "{\"arguments\": [\n"));
        yield return ("arguments first " + open, open + "{\"arguments\": {\"a\": \"" + Repeat("x\\n"));
        yield return ("deep arguments " + open, open + "{\"name\": \"lookup\", \"arguments\": {\"q\": " + Repeat("["));
        yield return ("deep objects " + open, open + "{\"name\": \"lookup\", \"arguments\": " + Repeat("{\"a\":"));
        yield return ("text without end " + open, open + "{\"name\": \"lookup\", \"arguments\": {\"q\": \"" + Repeat("\\\\\\\"\\u0041"));
        yield return ("long key " + open, open + "{\"" + Repeat("k"));
    }

    /// <summary>Made of the family's own call.</summary>
    private IEnumerable<(string Kind, string Written)> Own(string call)
    {
        var key = call.IndexOf("city", StringComparison.Ordinal);
        var value = call.IndexOf("Zürich", StringComparison.Ordinal);
        if (key < 0 || value < 0) yield break;
        yield return ("own long key", call[..key] + Repeat("k"));
        yield return ("own keys", Repeat(call[..key] + new string('k', 4000)));
        yield return ("own lines of keys", call[..key] + Repeat("k\n<"));
        yield return ("own value", call[..value] + Repeat("v<"));
        yield return ("own value of escapes", call[..value] + Repeat("\\\"\\\\"));
        yield return ("own value of spaces", call[..value] + Repeat("\n "));
        foreach (var odd in (string[])["", "2024-01-15", "02139", "-", "1.", "'", "r\"", "\u00a0"])
            yield return ($"own values {odd}", Repeat(call.Replace("3", odd, StringComparison.Ordinal) + "\n"));
        yield return ("own value of brackets", call[..value] + Repeat("[{("));
        var end = value + "Zürich".Length;
        foreach (var length in (int[])[1, 3, 6, 12])
        {
            if (end + length >= call.Length) continue;
            var closing = call[end..(end + length)];
            yield return ($"own value and {closing}", call[..value] + Repeat(closing));
            yield return ($"own value, {closing} and spaces", call[..(end + length)] + Repeat(" \n"));
            yield return ($"own value, {closing} in spaces", call[..value] + Repeat(closing + new string(' ', 1000)));
        }
    }

    private string Repeat(string unit) => unit.Length == 0 ? "" : string.Concat(Enumerable.Repeat(unit, (chars / unit.Length) + 1));
}
