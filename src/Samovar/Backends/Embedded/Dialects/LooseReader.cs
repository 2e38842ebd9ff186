using System.Globalization;
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

    private enum Expect { KeyOrEnd, Key, Assign, Value, Text, Word, CommaOrEnd }

    private readonly StringBuilder _out = new("{");
    private readonly StringBuilder _word = new();
    private readonly Stack<char> _open = new([close]);
    private readonly Stack<bool> _isTuple = new(); // for those that are open within
    private Expect _expect = Expect.KeyOrEnd;
    private string _textEnd = "";
    private bool _isKey; // the text or word that is read
    private bool _hasEscapes;
    private bool _isOpenText;
    private int _positions;

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
        Flush();
        sink.EndCall(isWhole: false);
    }

    private bool IsTop => _open.Count == 1;

    /// <summary>One step: none taken and More where what comes next decides, <see cref="Again"/> where it went on without taking
    /// any.</summary>
    private (int Taken, CallProgress Progress) Step(ReadOnlySpan<char> text, bool isLast)
    {
        if (_expect == Expect.Text) return InText(text, isLast);
        if (_expect == Expect.Word) return InWord(text[0]);
        if (char.IsWhiteSpace(text[0])) return (1, CallProgress.More);
        if (IsCloser(text[0]) && _expect is not Expect.Assign) return Shut();
        switch (_expect)
        {
            case Expect.CommaOrEnd when text[0] is ',':
                return Go(1, _open.Peek() is ']' ? Expect.Value : Expect.Key, ", ");
            case Expect.CommaOrEnd: return (0, CallProgress.BrokenOff);
            case Expect.Assign: return text[0] == (IsTop ? assign : ':') ? Go(1, Expect.Value, ": ") : (0, CallProgress.BrokenOff);
            case Expect.KeyOrEnd or Expect.Key:
                if (IsTop && assign == '=' && !char.IsLetter(text[0]) && text[0] != '_') return Positional();
                return Begin(text, isKey: true, isLast);
            default: return Begin(text, isKey: false, isLast);
        }
    }

    /// <summary>A value without a key: the schema's order gives it one.</summary>
    private (int Taken, CallProgress Progress) Positional()
    {
        _out.Append(JsonEscapes.Quote(types.NameAt(_positions++))).Append(": ");
        _expect = Expect.Value;
        return Again;
    }

    private static (int Taken, CallProgress Progress) Again => (-1, CallProgress.More);

    private (int Taken, CallProgress Progress) Begin(ReadOnlySpan<char> text, bool isKey, bool isLast)
    {
        _isKey = isKey;
        if (quote.Length > 1)
        {
            var (match, length) = MarkText.At(text, quote, isLast);
            if (match == MarkMatch.Open) return (0, CallProgress.More);
            if (match == MarkMatch.Yes) return BeginText(length, quote, hasEscapes: false);
        }
        if (text[0] is '"' or '\'') return BeginQuoted(text, isLast);
        if (!isKey && text[0] is '{' or '[' or '(') return Nest(text[0]);
        if (IsCloser(text[0]) || text[0] is ',' or '=' or ':') return (0, CallProgress.BrokenOff);
        _word.Clear();
        _expect = Expect.Word;
        return Again;
    }

    private (int Taken, CallProgress Progress) BeginQuoted(ReadOnlySpan<char> text, bool isLast)
    {
        var triple = new string(text[0], 3);
        if (text.StartsWith(triple)) return BeginText(3, triple, hasEscapes: true);
        if (!isLast && triple.AsSpan().StartsWith(text)) return (0, CallProgress.More); // one or two quotes, so far
        return BeginText(1, triple[..1], hasEscapes: true);
    }

    private (int Taken, CallProgress Progress) BeginText(int taken, string end, bool hasEscapes)
    {
        (_textEnd, _hasEscapes, _isOpenText) = (end, hasEscapes, true);
        return Go(taken, Expect.Text, "\"");
    }

    private (int Taken, CallProgress Progress) InText(ReadOnlySpan<char> text, bool isLast)
    {
        var (match, length) = MarkText.At(text, _textEnd, isLast);
        if (match == MarkMatch.Open) return (0, CallProgress.More);
        if (match == MarkMatch.Yes)
        {
            _isOpenText = false;
            return Go(length, _isKey ? Expect.Assign : Expect.CommaOrEnd, "\"");
        }
        if (!_hasEscapes || text[0] != '\\')
        {
            _out.AppendInText(text[..1]);
            return (1, CallProgress.More);
        }
        if (text.Length == 1) return isLast ? Go(1, Expect.Text, "\\\\") : (0, CallProgress.More);
        return Escape(text, isLast);
    }

    private (int Taken, CallProgress Progress) Escape(ReadOnlySpan<char> text, bool isLast)
    {
        var digits = text[1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (text.Length < 2 + digits && !isLast) return (0, CallProgress.More);
            if (Code(text, digits) is { } code) return Coded(code, text, 2 + digits, isLast);
        }
        var escaped = text[1] switch
        {
            'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", '\n' => "", '0' => "\0",
            '\\' or '"' or '\'' or '/' => text[1].ToString(), var other => "\\" + other,
        };
        _out.AppendInText(escaped);
        return (2, CallProgress.More);
    }

    private static uint? Code(ReadOnlySpan<char> text, int digits) => text.Length >= 2 + digits
        && uint.TryParse(text.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
        && code <= 0x10FFFF ? code : null;

    /// <summary>A character by its number; the first half of a pair waits for the other, so that no half is sent alone.</summary>
    private (int Taken, CallProgress Progress) Coded(uint code, ReadOnlySpan<char> text, int taken, bool isLast)
    {
        const int Escaped = 6; // characters of one half
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            var behind = text[taken..];
            if (!isLast && behind.Length < Escaped && "\\u".AsSpan().StartsWith(behind[..Math.Min(2, behind.Length)]))
                return (0, CallProgress.More);
            if (behind.StartsWith("\\u") && Code(behind, Escaped - 2) is >= 0xDC00 and <= 0xDFFF and var low)
            {
                _out.Append((char)code).Append((char)low);
                return (taken + Escaped, CallProgress.More);
            }
        }
        _out.AppendInText(code <= 0xFFFF ? ((char)code).ToString() : new Rune(code).ToString());
        return (taken, CallProgress.More);
    }

    private (int Taken, CallProgress Progress) InWord(char one)
    {
        var ends = one is ',' || IsCloser(one) || (_isKey ? one == (IsTop ? assign : ':') || char.IsWhiteSpace(one) : one == '\n');
        if (!ends)
        {
            _word.Append(one);
            return (1, CallProgress.More);
        }
        if (_isKey && one is ',' || (_isKey && IsCloser(one))) // it was a value after all
        {
            if (!IsTop || assign != '=') return (0, CallProgress.BrokenOff);
            _out.Append(JsonEscapes.Quote(types.NameAt(_positions++))).Append(": ");
            _isKey = false;
        }
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
