using System.Globalization;

namespace Samovar.Grammars.Rules;

/// <summary>Reads what stands for one character in a regular expression.</summary>
internal sealed class PatternClasses(string pattern, string path, int at, PatternMeaning meaning)
{
    private static readonly CharacterSet Digits = new([('0', '9')]);
    private static readonly CharacterSet Words = new([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
    private static readonly CharacterSet Spaces = new([('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x2028, 0x2029), (0xFEFF, 0xFEFF)]);
    private static readonly CharacterSet AsciiSpaces = new([('\t', '\r'), (' ', ' ')]);
    private static readonly CharacterSet AllSpaces = new([
        ('\t', '\r'), (0x1C, ' '), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]);

    private static readonly string[] Everything = ["[\\s\\S]", "[\\S\\s]", "[\\d\\D]", "[\\D\\d]", "[\\w\\W]", "[\\W\\w]"];
    private static readonly CharacterSet BeyondAscii = new([(0, 0x1F), (0x80, 0x10FFFF)]);
    private static readonly CharacterSet LineEnds = new([('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)]);

    public int At { get; private set; } = at;

    private char Current => At < pattern.Length ? pattern[At] : throw Unsupported();

    public CharacterSet ReadDot()
    {
        At++;
        return meaning.DotIsAll ? CharacterSet.All : meaning.IsPython ? Single('\n').Complement() : LineEnds.Complement();
    }

    /// <summary>A character that stands for itself, or an escape.</summary>
    public CharacterSet ReadOne()
    {
        if (Current != '\\')
            return Single(ReadCode());
        At++;
        var letter = Current;
        At++;
        switch (letter)
        {
            case 'd': return Digits;
            case 'D': return Outside(Digits);
            case 'w': return Words;
            case 'W': return Outside(Words);
            case 's': return meaning.IsPython ? AsciiSpaces : Spaces;
            case 'S': return meaning.IsPython ? AllSpaces.Complement() : Spaces.Complement();
            case 'n': return Single('\n');
            case 'r': return Single('\r');
            case 't': return Single('\t');
            case 'f': return Single('\f');
            case 'v': return Single('\v');
            case 'x': return Single(ReadHex(2));
            case 'u': return Single(ReadHex(4));
        }
        if (char.IsAsciiLetterOrDigit(letter))
            throw Unsupported();
        return Single(letter);
    }

    public CharacterSet ReadBracket()
    {
        if (meaning.IsPython && Array.Find(Everything, one => pattern.AsSpan(At).StartsWith(one,
            StringComparison.Ordinal)) is { } everything)
        {
            At += everything.Length;
            return CharacterSet.All;
        }
        At++;
        var isNegated = Current == '^';
        if (isNegated)
            At++;
        var members = new List<CharacterSet>();
        var standsForItself = meaning.IsPython; // a ] that comes first
        while (Current != ']' || standsForItself)
        {
            standsForItself = false;
            if (Current == '[' && pattern.AsSpan(At).StartsWith("[:", StringComparison.Ordinal))
                throw Unsupported();
            var low = ReadMember();
            if (At + 1 < pattern.Length && pattern[At] == '-' && pattern[At + 1] != ']')
            {
                At++;
                members.Add(new CharacterSet([Range(low, ReadMember())]));
            }
            else
                members.Add(low);
        }
        At++;
        var set = CharacterSet.Union(members);
        if (meaning.IgnoresCase)
            set = PatternCases.Both(set); // before it is negated
        set = isNegated ? set.Complement() : set;
        return set.IsEmpty ? throw Unsupported() : set;
    }

    /// <summary>Inside of a bracket <c>\b</c> is a backspace, and a hyphen may stand escaped.</summary>
    private CharacterSet ReadMember()
    {
        if (!pattern.AsSpan(At).StartsWith("\\b", StringComparison.Ordinal))
            return ReadOne();
        At += 2;
        return Single('\b');
    }

    private (int From, int To) Range(CharacterSet low, CharacterSet high)
    {
        if (low.OnlyCode is not { } from || high.OnlyCode is not { } to || from > to)
            throw Unsupported();
        return (from, to);
    }

    private int ReadCode()
    {
        var code = char.IsHighSurrogate(Current) && At + 1 < pattern.Length && char.IsLowSurrogate(pattern[At + 1])
            ? char.ConvertToUtf32(pattern, At)
            : Current;
        At += code > char.MaxValue ? 2 : 1;
        return code;
    }

    private int ReadHex(int digits)
    {
        if (At + digits > pattern.Length
            || !int.TryParse(pattern.AsSpan(At, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw Unsupported();
        At += digits;
        return code;
    }

    private CharacterSet Outside(CharacterSet set) => meaning.IsPython ? set.With(BeyondAscii).Complement() : set.Complement();

    private static CharacterSet Single(int code) => new([(code, code)]);

    private SchemaFaultException Unsupported() => SchemaFaultException.Unsupported(path, $"pattern '{SchemaPath.Cut(pattern)}'");
}
