using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Cuts what a model writes out of a rendered answer: behind the prompt's end, before what ends a message.</summary>
internal sealed record AnswerFrame(ProbeTalk Talk, ControlText Control, ProbeForm Form)
{
    /// <summary>All that the model writes, and what ends its message; null where the template refuses such an answer.</summary>
    public string? Body(ProbeAnswer answer) => Parts(answer)?.Body;

    /// <summary>The answer's header, what a prompt has behind it, and the body.</summary>
    public (string Header, string Prompted, string Body)? Parts(ProbeAnswer answer)
    {
        if (Talk.Write(answer, Form) is not { } written) return null;
        var opening = Talk.Opening(Form) ?? "";
        var header = Atoms.CommonStart(written, opening);
        while (header < written.Length && char.IsWhiteSpace(written[header]) && IsSpaceOf(opening, written[..header])) header++;
        var prompted = opening[Math.Min(Atoms.CommonStart(opening, written), opening.Length)..];
        return (written[..header], prompted.Trim(), written[header..]);
    }

    /// <summary>What stands before and behind a text that is all of an answer.</summary>
    public (string Open, string Close) Said()
    {
        if (Body(CallProbe.Said) is not { } body) return ("", "");
        var at = body.IndexOf(CallProbe.Text, StringComparison.Ordinal);
        if (at < 0) return ("", "");
        var behind = body[(at + CallProbe.Text.Length)..];
        return (body[..at], behind[..^EndIn(behind).Length]);
    }

    /// <summary>What stands behind the text of an answer that has more in it.</summary>
    public string SaidBehind(string body)
    {
        var at = body.IndexOf(CallProbe.Text, StringComparison.Ordinal);
        if (at < 0) return "";
        var behind = body[(at + CallProbe.Text.Length)..];
        return behind[..^EndIn(behind).Length].Trim();
    }

    /// <summary>The calls of an answer alone, and what a template writes before them where there is no text, without a thought's
    /// marks.</summary>
    public (string Lead, string Calls)? Calls(ProbeAnswer answer, LearnedThought? thoughts)
    {
        if (Body(answer) is not { } body || EndOfCalls(body) is not { } until) return null;
        body = body[..until];
        var (open, close) = Said();
        if (thoughts is not null) (body, open) = (thoughts.Without(body), thoughts.Without(open));
        var empty = open.Trim() + close.Trim();
        body = body.TrimStart();
        return open.Trim().Length > 0 && body.StartsWith(empty, StringComparison.Ordinal)
            ? (empty, body[empty.Length..].TrimStart()) : ("", body);
    }

    /// <summary>What a message has before the token that ends it; empty where no such token is known.</summary>
    public string BeforeEndToken()
    {
        var end = EndOfSaid();
        return IndexOfEnd(end) is > 0 and var token ? end[..token] : "";
    }

    /// <summary>Tokens of a message's end that do not end the answer.</summary>
    public IReadOnlyList<string> MessageEnd()
    {
        var end = EndOfSaid();
        var ends = IndexOfEnd(end);
        var frame = (ends < 0 ? end : end[..ends]).Trim();
        return frame.Length == 0 ? [] : [frame];
    }

    /// <summary>Whether a token that ends every answer is spelled there.</summary>
    public bool HasEnd(string text) => IndexOfEnd(text) >= 0;

    private string EndOfSaid()
    {
        if (Body(CallProbe.Said) is not { } body) return "";
        var at = body.IndexOf(CallProbe.Text, StringComparison.Ordinal);
        return at < 0 ? "" : EndIn(body[(at + CallProbe.Text.Length)..]);
    }

    private static bool IsSpaceOf(string opening, string header) => opening.Length > 0
        && (char.IsWhiteSpace(opening[^1]) || !opening.AsSpan().TrimEnd().EndsWith(header.AsSpan().TrimEnd(), StringComparison.Ordinal));

    private int? EndOfCalls(string body)
    {
        var last = ((string[])[CallProbe.SecondValue, CallProbe.Number, CallProbe.FirstName])
            .Max(word => body.LastIndexOf(word, StringComparison.Ordinal));
        if (last < 0) return null;
        var end = EndIn(body[last..]);
        return body.Length - end.Length;
    }

    /// <summary>What ends a message of text and this one alike, from the model's own end token on at the latest.</summary>
    private string EndIn(string tail)
    {
        var token = IndexOfEnd(tail);
        if (Body(CallProbe.Said) is not { } said) return token < 0 ? "" : tail[token..];
        var text = said.IndexOf(CallProbe.Text, StringComparison.Ordinal);
        if (text < 0) return token < 0 ? "" : tail[token..];
        var behind = said[(text + CallProbe.Text.Length)..];
        var calls = Body(CallProbe.One);
        var value = calls?.LastIndexOf(CallProbe.SecondValue, StringComparison.Ordinal) ?? -1;
        var shared = value < 0 ? 0 : Atoms.ExactEnd(behind, calls![value..]);
        if (IndexOfEnd(behind) is >= 0 and var ends) shared = Math.Max(shared, behind.Length - ends);
        var end = behind[^shared..];
        if (tail.EndsWith(end, StringComparison.Ordinal)) return token >= 0 && token < tail.Length - end.Length ? tail[token..] : end;
        return token < 0 ? "" : tail[token..];
    }

    /// <summary>Where a token is spelled that ends every answer; -1 where none is.</summary>
    private int IndexOfEnd(string text)
    {
        for (var at = Control.IndexOfSpelling(text, 0); at >= 0; at = Control.IndexOfSpelling(text, at + 1))
        {
            var tokens = Control.Tokenize(Control.SpellingAt(text, at)!);
            if (tokens is [var token] && Control.Tokenizer.IsEndOfGeneration(token)) return at;
        }
        return -1;
    }
}
