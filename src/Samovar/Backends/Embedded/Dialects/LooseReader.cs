using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Reads arguments that are nearly JSON and passes them on as JSON: Python's keyword arguments and literals, and objects whose keys have no
/// quotes and whose texts stand between marks of their own.
/// </summary>
internal sealed class LooseReader(IOutputSink sink, char close, char assign, string quote, ArgumentTypes types) : IArgumentsReader
{
    private const int DepthMax = 128;

    private enum Expect { KeyOrEnd, Key, Assign, Value, Text, Joined, Word, CommaOrEnd }

    /// <summary>What a backslash means in a text.</summary>
    private enum Escapes { None, Kept, Read }

    private readonly StringBuilder _out = new("{");
    private readonly StringBuilder _word = new();
    private readonly WordBounds _bounds = new();
    private readonly Stack<char> _open = new([close]);
    private readonly Stack<bool> _isTuple = new(); // for those that are open within
    private Expect _expect = Expect.KeyOrEnd;
    private string _textEnd = "";
    private bool _isKey; // the text or word that is read
    private Escapes _escapes;
    private bool _isOpenText;
    private bool _isUnpacked; // the map whose pairs are arguments: **{…}
    private int _positions;
    private bool _hasKeys;

    /// <summary>What ends calls: in an expression without quotes none of it is meant for something else.</summary>
    public string[] Ends { get; init; } = [];

    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast)
    {
        var taken = 0;
        var progress = CallProgress.More;
        while (progress == CallProgress.More && taken < text.Length)
        {
            var (step, next) = Step(text[taken..], isLast);
            if (step == 0 && next == CallProgress.More) break; // what comes next decides
            taken += Math.Max(step, 0);
            progress = next;
        }
        Flush();
        if (progress != CallProgress.More) sink.EndCall(progress == CallProgress.Done);
        return (taken, progress);
    }

    public void Abandon()
    {
        if (_word.Length > 0) EndWord();
        if (_expect == Expect.Joined) _out.Append('"');
        Flush();
        sink.EndCall(isWhole: false);
    }

    private bool IsTop => _open.Count == 1;
    private bool IsList => _open.Peek() is ']';
    private bool IsPython => assign == '=';

    /// <summary>One step: none taken and More where what comes next decides, <see cref="Again"/> where it went on without taking
    /// any.</summary>
    private (int Taken, CallProgress Progress) Step(ReadOnlySpan<char> text, bool isLast)
    {
        if (_expect == Expect.Text) return InText(text, isLast);
        if (_expect == Expect.Word) return InWord(text, isLast);
        if (char.IsWhiteSpace(text[0])) return (1, CallProgress.More);
        if (_expect == Expect.Joined) return Join(text, isLast);
        if (IsCloser(text[0]) && _expect is not Expect.Assign && (_expect is not Expect.Value || IsList)) return Shut();
        switch (_expect)
        {
            case Expect.CommaOrEnd when text[0] is ',': return Go(1, IsList ? Expect.Value : Expect.Key, ", ");
            case Expect.CommaOrEnd: return (0, CallProgress.BrokenOff);
            case Expect.Assign: return text[0] == (IsTop ? assign : ':') ? Go(1, Expect.Value, ": ") : (0, CallProgress.BrokenOff);
            case Expect.KeyOrEnd or Expect.Key when IsTop && IsPython: return BeginArgument(text, isLast);
            case Expect.KeyOrEnd or Expect.Key: return Begin(text, isKey: true, isLast);
            default: return Begin(text, isKey: false, isLast);
        }
    }

    private (int Taken, CallProgress Progress) BeginArgument(ReadOnlySpan<char> text, bool isLast)
    {
        if (text[0] == '*' && !isLast && "**{".AsSpan().StartsWith(text)) return (0, CallProgress.More);
        if (text.StartsWith("**{")) return Unpack();
        var (prefixed, _) = Prefix(text, isLast);
        if (prefixed == MarkMatch.Open) return (0, CallProgress.More);
        var isName = prefixed == MarkMatch.No && (char.IsLetter(text[0]) || text[0] == '_');
        return isName ? Begin(text, isKey: true, isLast) : Positional();
    }

    /// <summary>A value without a key: the schema's order gives it one.</summary>
    private (int Taken, CallProgress Progress) Positional()
    {
        if (!BeginPositional()) return (0, CallProgress.BrokenOff);
        _expect = Expect.Value;
        return Again;
    }

    /// <summary>False where Python has none: behind one that has a key it could stand for any.</summary>
    private bool BeginPositional()
    {
        if (!IsPython || _hasKeys) return false;
        _out.Append(JsonEscapes.Quote(types.NameAt(_positions++))).Append(": ");
        _isKey = false;
        return true;
    }

    private static (int Taken, CallProgress Progress) Again => (-1, CallProgress.More);

    private (int Taken, CallProgress Progress) Begin(ReadOnlySpan<char> text, bool isKey, bool isLast)
    {
        _isKey = isKey;
        if (quote.Length > 1)
        {
            var (match, length) = MarkText.At(text, quote, isLast);
            if (match == MarkMatch.Open) return (0, CallProgress.More);
            if (match == MarkMatch.Yes) return BeginText(length, quote, Escapes.None);
        }
        var (prefixed, prefix) = Prefix(text, isLast);
        if (prefixed == MarkMatch.Open) return (0, CallProgress.More);
        if (prefixed == MarkMatch.Yes || text[0] is '"' or '\'') return BeginQuoted(text, prefix, isLast);
        if (!isKey && text[0] is '{' or '[' or '(') return Nest(text[0]);
        if (IsCloser(text[0]) || text[0] is ',' or '=' or ':') return (0, CallProgress.BrokenOff);
        _word.Clear();
        _bounds.Begin();
        _expect = Expect.Word;
        return Again;
    }

    /// <summary>The letters that Python has before a text's quote; Open while one may follow.</summary>
    private (MarkMatch Match, int Length) Prefix(ReadOnlySpan<char> text, bool isLast)
    {
        const int Letters = 2;
        if (!IsPython) return (MarkMatch.No, 0);
        var length = 0;
        while (length < Math.Min(Letters, text.Length) && "rRbBuUfF".Contains(text[length])) length++;
        if (length == text.Length && !isLast) return (MarkMatch.Open, 0);
        return length > 0 && length < text.Length && text[length] is '"' or '\'' ? (MarkMatch.Yes, length) : (MarkMatch.No, 0);
    }

    private (int Taken, CallProgress Progress) BeginQuoted(ReadOnlySpan<char> text, int prefix, bool isLast)
    {
        var escapes = text[..prefix].ContainsAny('r', 'R') ? Escapes.Kept : Escapes.Read;
        text = text[prefix..];
        var triple = new string(text[0], 3);
        if (text.StartsWith(triple)) return BeginText(prefix + 3, triple, escapes);
        if (!isLast && triple.AsSpan().StartsWith(text)) return (0, CallProgress.More); // one or two quotes, so far
        return BeginText(prefix + 1, triple[..1], escapes);
    }

    private (int Taken, CallProgress Progress) BeginText(int taken, string end, Escapes escapes)
    {
        var written = _isOpenText ? "" : "\""; // one that is joined to another goes on with it
        (_textEnd, _escapes, _isOpenText) = (end, escapes, true);
        return Go(taken, Expect.Text, written);
    }

    private (int Taken, CallProgress Progress) InText(ReadOnlySpan<char> text, bool isLast)
    {
        var (match, length) = MarkText.At(text, _textEnd, isLast);
        if (match == MarkMatch.Open) return (0, CallProgress.More);
        if (match == MarkMatch.Yes && IsPython && !_isKey) return Go(length, Expect.Joined, "");
        if (match == MarkMatch.Yes)
        {
            _isOpenText = false;
            return Go(length, _isKey ? Expect.Assign : Expect.CommaOrEnd, "\"");
        }
        if (_escapes == Escapes.None || text[0] != '\\')
        {
            _out.AppendInText(text[..1]);
            return (1, CallProgress.More);
        }
        if (text.Length == 1) return isLast ? Go(1, Expect.Text, "\\\\") : (0, CallProgress.More);
        if (_escapes == Escapes.Read) return (TextEscapes.Read(text, _out, IsPython, isLast), CallProgress.More);
        _out.AppendInText(text[..2]); // what a backslash is before neither ends the text nor loses it
        return (2, CallProgress.More);
    }

    /// <summary>Behind a text: Python takes one that follows it, or is added to it, for its rest.</summary>
    private (int Taken, CallProgress Progress) Join(ReadOnlySpan<char> text, bool isLast)
    {
        if (text[0] == '+')
        {
            var next = 1 + MarkText.Spaces(text[1..]);
            if (next == text.Length && !isLast) return (0, CallProgress.More);
            var (added, _) = next < text.Length ? Prefix(text[next..], isLast) : (MarkMatch.No, 0);
            if (added == MarkMatch.Open) return (0, CallProgress.More);
            if (added == MarkMatch.Yes || (next < text.Length && text[next] is '"' or '\'')) return (next, CallProgress.More);
        }
        var (prefixed, prefix) = Prefix(text, isLast);
        if (prefixed == MarkMatch.Open) return (0, CallProgress.More);
        if (prefixed == MarkMatch.Yes || text[0] is '"' or '\'') return BeginQuoted(text, prefix, isLast);
        _isOpenText = false;
        Go(0, Expect.CommaOrEnd, "\"");
        return Again;
    }

    private (int Taken, CallProgress Progress) InWord(ReadOnlySpan<char> text, bool isLast)
    {
        if (_isKey && IsTop && IsPython && text[0] is '(' or '[' && !BeginPositional()) return (0, CallProgress.BrokenOff);
        var (one, isExpression) = (text[0], IsPython && !_isKey);
        if (isExpression && MarkText.Longest(text, Ends, isLast).Match is not MarkMatch.No and var ended)
            return (0, ended == MarkMatch.Open ? CallProgress.More : CallProgress.BrokenOff);
        if (isExpression && _bounds.IsOpen && one == '\n' && _word[^1] == '\n') return (0, CallProgress.BrokenOff); // it never ends
        if (isExpression && _bounds.IsWithin(one)) // an expression: its own brackets and texts do not end it
        {
            _word.Append(one);
            return (1, CallProgress.More);
        }
        var ends = one is ',' || IsCloser(one) || (_isKey ? one == (IsTop ? assign : ':') || char.IsWhiteSpace(one) : one == '\n');
        if (!ends)
        {
            _word.Append(one);
            return (1, CallProgress.More);
        }
        var isValue = _isKey && (one is ',' || IsCloser(one)); // after all
        if (isValue && (!IsTop || !BeginPositional())) return (0, CallProgress.BrokenOff);
        EndWord();
        return Again;
    }

    private void EndWord()
    {
        var word = _word.ToString().Trim();
        _word.Clear();
        _expect = _isKey ? Expect.Assign : Expect.CommaOrEnd;
        if (_isKey)
        {
            _hasKeys |= IsTop;
            _out.Append(JsonEscapes.Quote(word));
            return;
        }
        _out.Append(word switch
        {
            "True" or "true" => "true",
            "False" or "false" => "false",
            "None" or "null" => "null",
            _ => JsonInput.TryParse(word, out _) ? word : JsonEscapes.Quote(word),
        });
    }

    private (int Taken, CallProgress Progress) Nest(char one)
    {
        if (_open.Count == DepthMax) return (0, CallProgress.BrokenOff);
        _open.Push(one == '{' ? '}' : ']');
        _isTuple.Push(one == '(');
        return Go(1, one == '{' ? Expect.KeyOrEnd : Expect.Value, one == '{' ? "{" : "[");
    }

    /// <summary>The pairs of a map that is unpacked stand where the others do.</summary>
    private (int Taken, CallProgress Progress) Unpack()
    {
        _open.Push('}');
        _isTuple.Push(false);
        _isUnpacked = true;
        return Go("**{".Length, Expect.KeyOrEnd, "");
    }

    private bool IsCloser(char one) => one == (IsTop ? close : _isTuple.Peek() ? ')' : _open.Peek());

    private (int Taken, CallProgress Progress) Shut()
    {
        if (_out is { Length: >= 2 } && _out[^1] == ' ' && _out[^2] == ',') _out.Length -= 2; // a comma before the end
        if (IsTop)
        {
            _out.Append('}');
            return (1, CallProgress.Done);
        }
        _isTuple.Pop();
        if (_isUnpacked && _open.Count == 2)
        {
            if (_expect == Expect.KeyOrEnd) return (0, CallProgress.BrokenOff); // nothing stands there that a comma could follow
            _isUnpacked = false;
            _open.Pop();
            return Go(1, Expect.CommaOrEnd, "");
        }
        return Go(1, Expect.CommaOrEnd, _open.Pop() == '}' ? "}" : "]");
    }

    private (int Taken, CallProgress Progress) Go(int taken, Expect expect, string written)
    {
        _expect = expect;
        _out.Append(written);
        return (taken, CallProgress.More);
    }

    /// <summary>A comma waits for what follows it: behind the last value it is not passed on.</summary>
    private void Flush()
    {
        var held = _out is { Length: >= 2 } && !_isOpenText && _out[^1] == ' ' && _out[^2] == ',' ? ", " : "";
        _out.Length -= held.Length;
        foreach (var chunk in _out.GetChunks()) sink.Arguments(chunk.Span);
        _out.Clear().Append(held);
    }
}
