using System.Text.RegularExpressions;

namespace Samovar.Backends.Embedded.Dialects;

/// <content>
/// Calls that are not written as they should be. What is certain is mended where it is read (<see cref="MendedJson"/>); anything else ends
/// a call that is not whole, up to the mark that closes it: it would be another call than the model made.
/// </content>
internal sealed partial class DialectParser
{
    private const int StrayBracketsMax = 3;

    private bool _isInFence; // of code, within the marks of a call
    private int _lostChars; // that were read of an object before it was refused

    /// <summary>Whether what is wrong in a call may be left out up to its end; between marks of their own, arguments end by their
    /// frame.</summary>
    private bool HasEnd => _format.Style is not (ArgumentStyle.Keyed or ArgumentStyle.Bare) && _format.StrongClosings.Length > 0;

    /// <summary>What models have around an object that is no part of it: a quotation of code, and brackets too many before what closes
    /// the call.</summary>
    private (MarkMatch Match, int Length) Stray(ReadOnlySpan<char> word, bool isLast)
    {
        if (_format.Style != ArgumentStyle.Object || _format.Trigger.Length == 0) return (MarkMatch.No, 0);
        var isBegun = _opening.Length > 0;
        if (isBegun != _isInFence)
        {
            var (fence, length, _) = MarkText.Longest(word, isBegun ? ["```json", "```"] : ["```"], isLast);
            _isInFence ^= fence == MarkMatch.Yes;
            if (fence != MarkMatch.No) return (fence, length);
        }
        if (!_hasCalls || word[0] != '}') return (MarkMatch.No, 0);
        var (at, brackets, spaces) = (0, 0, 0);
        for (; at < word.Length && (word[at] == '}' || char.IsWhiteSpace(word[at])); at++)
            if (word[at] == '}' ? ++brackets > StrayBracketsMax : ++spaces > MarkText.SpacesMax) return (MarkMatch.No, 0);
        if (at == word.Length) return (isLast ? MarkMatch.Yes : MarkMatch.Open, at);
        return (MarkText.Longest(word[at..], _format.StrongClosings, isLast).Match, at);
    }

    /// <summary>
    /// Behind a call that broke off: the rest of it is neither a call nor what the model says, up to what closes it or opens the next.
    /// Where nothing does, it is text.
    /// </summary>
    private bool StepBroken(bool isLast)
    {
        var (match, at, _, _) = MarkText.Find(Remaining[Looked..], [.. _format.StrongClosings, .. _marks.CallTexts], isLast);
        at += Looked;
        if (at > _headCharsMax || (match != MarkMatch.Yes && isLast)) return Leave();
        if (match == MarkMatch.Yes)
        {
            Take(at);
            _place = Place.Between;
            return true;
        }
        Looked = at;
        return false;
    }

    /// <summary>
    /// An object between marks that nobody can read, before its name came: one that names a tool is a call that broke off, any other is
    /// text.
    /// </summary>
    private bool StepLost(bool isLast)
    {
        var (match, at, _, _) = MarkText.Find(Remaining[Looked..], [.. _format.StrongClosings, .. _marks.CallTexts], isLast);
        at += Looked;
        if (match != MarkMatch.Yes && !isLast && at <= _headCharsMax)
        {
            Looked = at;
            return false;
        }
        var body = match == MarkMatch.Yes && at <= _headCharsMax ? Remaining[..at].ToString() : "";
        if (NameOf().Match(body) is not { Success: true } named || !Sink.BeginCall(named.Groups["name"].Value)) return Refuse(_lostChars);
        Sink.EndCall(isWhole: false);
        Take(at);
        (_hasCalls, _opening, _place) = (true, "", Place.Between);
        return true;
    }

    [GeneratedRegex(@"\b(tool_)?name[""']?\s*[:=]\s*[""']?(?<name>[\w.\-]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameOf();
}
