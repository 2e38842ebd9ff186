using System.Buffers;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>How the tokens are spelled that are structure in a prompt, and which parts of a user's text could come to spell one.</summary>
/// <remarks>
/// <para>
/// A template trims, escapes, changes and joins texts, so a spelling may come about that no text had. Nothing is cut for that: a text only
/// has its risky places marked, and a cut is made where a spelling really stands in what was rendered and a mark lies within it. A
/// spelling that has a character of a user's has a mark, because:
/// (1) where its first character that is not a space is the user's, that character is marked, wherever it stands in a text;
/// (2) spellings that begin with a letter or a digit would mark half of all texts: they are looked for as a whole, and at a text's end;
/// (3) where the template itself writes the beginning and the user's text goes on with it, that text has what is left of the spelling, or
/// lies within it. Which beginnings a template writes directly before values is learned (<see cref="StructureProbe"/>): there is a mark
/// before what could go on with one.
/// </para>
/// </remarks>
internal sealed class StructureSpellings
{
    private readonly SpellingTree _all;
    private readonly SpellingTree _left; // of a spelling, behind a beginning that the template writes
    private readonly SpellingTree _words;
    private readonly SearchValues<string> _search;
    private readonly SearchValues<string> _wholeWords;
    private readonly SearchValues<char> _leads;
    private readonly SearchValues<char> _firsts;
    private readonly SearchValues<char> _leftFirsts;

    /// <param name="spellings">Of tokens, each two characters long at least.</param>
    /// <param name="openings">Beginnings of spellings that a template writes directly before a value.</param>
    public StructureSpellings(IReadOnlyCollection<string> spellings, IReadOnlyCollection<string> openings)
    {
        (All, Openings) = (spellings, openings);
        _all = new SpellingTree(spellings);
        _search = SearchValues.Create([.. spellings], StringComparison.Ordinal);
        _firsts = SearchValues.Create([.. spellings.Select(one => one[0])]);
        var words = spellings.Where(IsWord).ToArray();
        _words = new SpellingTree(words);
        _wholeWords = SearchValues.Create(words, StringComparison.Ordinal);
        _leads = SearchValues.Create([.. spellings.Where(one => !IsWord(one)).Select(Lead)]);
        var left = spellings.SelectMany(Left).ToArray();
        (_left, _leftFirsts) = (new SpellingTree(left), SearchValues.Create([.. left.Select(one => one[0])]));
    }

    public IReadOnlyCollection<string> All { get; }
    public IReadOnlyCollection<string> Openings { get; }

    /// <summary>Where the next one stands; -1 where none does.</summary>
    public int IndexIn(string text, int from)
    {
        if (from >= text.Length) return -1;
        var at = text.AsSpan(from).IndexOfAny(_search);
        return at < 0 ? -1 : at + from;
    }

    /// <summary>The length of the longest at this place; 0 for none.</summary>
    public int LengthAt(string text, int at) => _all.LongestAt(text.AsSpan(at));

    /// <summary>Whether one stands over this place, beginning at <paramref name="from"/> or later.</summary>
    public bool Covers(ReadOnlySpan<char> text, int place, int from)
    {
        for (var at = Math.Max(from, place - _all.LengthMax + 1); at < place; at++)
            if (_firsts.Contains(text[at]) && at + _all.LongestAt(text[at..]) > place) return true;
        return false;
    }

    /// <summary>The places of a user's text that get a mark, ascending, some of them twice; it stands before the character there.</summary>
    public IReadOnlyList<int> Risks(string text)
    {
        var risks = new List<int>();
        AddLeads(text, risks); // :: 1
        if (_words.LengthMax > 0) AddWords(text, risks); // :: 2
        if (_left.LengthMax > 0) // :: 3
        {
            AddLeft(text, risks);
            AddFront(text, 0, risks);
            AddFront(text, Trimmed(text), risks);
        }
        risks.Sort();
        return risks;
    }

    private void AddLeads(string text, List<int> risks)
    {
        for (var at = 0; at < text.Length && text.AsSpan(at).IndexOfAny(_leads) is >= 0 and var found; at++)
        {
            at += found;
            risks.Add(at + (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1));
        }
    }

    private void AddWords(string text, List<int> risks)
    {
        for (var at = 0; at < text.Length && text.AsSpan(at).IndexOfAny(_wholeWords) is >= 0 and var found; at++)
        {
            at += found;
            risks.Add(at + 1);
        }
        AddEnds(text, risks);
        AddEnds(text.AsSpan().TrimEnd(), risks);
    }

    private void AddEnds(ReadOnlySpan<char> text, List<int> risks)
    {
        for (var at = Math.Max(0, text.Length - _words.LengthMax); at < text.Length; at++)
            if (_words.Begins(text[at..])) risks.Add(at + 1);
    }

    /// <summary>A template may take away what stands before it.</summary>
    private void AddLeft(string text, List<int> risks)
    {
        for (var at = 0; at < text.Length && text.AsSpan(at).IndexOfAny(_leftFirsts) is >= 0 and var found; at++)
        {
            at += found;
            if (_left.LongestAt(text.AsSpan(at)) > 0) risks.Add(at);
        }
    }

    private void AddFront(string text, int start, List<int> risks)
    {
        var value = text.AsSpan(start);
        if (!value.IsEmpty && (_left.Begins(value) || _left.Begins(value.TrimEnd()))) risks.Add(start);
    }

    private static int Trimmed(string text)
    {
        var start = 0; // Python strips some of both
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || char.IsControl(text[start]))) start++;
        return start;
    }

    /// <summary>What is left of a spelling behind each beginning that something else than the text may write: spaces always may.</summary>
    private IEnumerable<string> Left(string spelling)
    {
        foreach (var opening in Openings)
            if (opening.Length < spelling.Length && spelling.StartsWith(opening, StringComparison.Ordinal))
                yield return spelling[opening.Length..];
        for (var spaces = 1; spaces < spelling.Length && char.IsWhiteSpace(spelling[spaces - 1]); spaces++) yield return spelling[spaces..];
    }

    private static char Lead(string spelling) => spelling.FirstOrDefault(one => !char.IsWhiteSpace(one), spelling[0]);

    /// <summary>Whether its first character that is no space cannot be marked: it is a common one, or nothing comes behind it.</summary>
    private static bool IsWord(string spelling) =>
        char.IsLetterOrDigit(Lead(spelling)) || spelling.AsSpan().TrimStart().Length <= 1;
}
