using Samovar.Grammars.Schemas;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>How a model writes what it thinks, says and calls: all that its output is read by.</summary>
/// <param name="Name">For logs.</param>
internal sealed record ModelDialect(string Name)
{
    /// <summary>What stands around thoughts.</summary>
    public IReadOnlyList<PartMarks> Thoughts { get; init; } = [];

    /// <summary>What stands around an answer and is no part of it.</summary>
    public IReadOnlyList<PartMarks> Answers { get; init; } = [];

    /// <summary>Tokens that stand between and behind parts and say nothing.</summary>
    public IReadOnlyList<string> Frames { get; init; } = [];

    /// <summary>What a message has before the token that ends it.</summary>
    public string BeforeEnd { get; init; } = "";

    /// <summary>Tokens that end an answer though the vocabulary does not know them for such.</summary>
    public IReadOnlyList<string> Ends { get; init; } = [];

    /// <summary>How calls are written, the way the model was taught first; the others are read all the same.</summary>
    public IReadOnlyList<CallFormat> Formats { get; init; } = [];

    /// <summary>The first of the formats that is known letter by letter: in it the model is made to call.</summary>
    public CallFormat? Written => Formats.FirstOrDefault(format => format.Spelling is { IsComplete: true });

    /// <summary>Whether a token ends a part of an answer, behind which others may come.</summary>
    public bool IsPart(string token) => BeforeEnd.Contains(token, StringComparison.Ordinal)
        || Answers.Concat(Thoughts).Any(part => part.Close.Contains(token, StringComparison.Ordinal))
        || Formats.Any(format => format.Trigger.Contains(token, StringComparison.Ordinal)
            || format.CallClose.Contains(token, StringComparison.Ordinal) || format.Close.Contains(token, StringComparison.Ordinal));

    /// <summary>Whether a token may stand before more of an answer: then what follows says whether it ended.</summary>
    public bool MayGoOn(string token)
    {
        return Answers.Concat(Thoughts).Any(part => Has(part.Open) || Has(part.Close) || Has(part.Behind))
            || Formats.Any(format => Has(format.Open) || Has(format.CallOpen) || Has(format.Separator));

        bool Has(string mark) => mark.Contains(token, StringComparison.Ordinal);
    }

    /// <summary>The thought that a prompt which ends like this has begun; null where it has begun none.</summary>
    public PartMarks? Begun(string promptEnd)
    {
        var end = promptEnd.AsSpan().TrimEnd();
        foreach (var part in Thoughts)
            if (part.Open.Length > 0 && end.EndsWith(part.Open.AsSpan().TrimEnd(), StringComparison.Ordinal)) return part;
        return null;
    }

    /// <summary>What heads are made of where answers are messages with channels and recipients; null elsewhere.</summary>
    public ChannelMarks? Channels { get; init; }

    public override string ToString() => Name;
}

/// <summary>What stands before and behind a part of an output.</summary>
/// <param name="Open">Begins it; empty where it needs no beginning.</param>
/// <param name="Close">Ends it; empty where nothing does.</param>
internal sealed record PartMarks(string Open, string Close)
{
    /// <summary>What stands between its end and the next part.</summary>
    public string Behind { get; init; } = "";
}

/// <summary>How the arguments of a call are written.</summary>
internal enum ArgumentStyle
{
    /// <summary>The call is one JSON object with a name and arguments, or of one name that holds its arguments.</summary>
    Object,

    /// <summary>A JSON object behind the name.</summary>
    Json,

    /// <summary>Each argument between marks, its value as text.</summary>
    Keyed,

    /// <summary>As a Python call: <c>find(a="x", n=3)</c>.</summary>
    Python,

    /// <summary>An object without quotes around its keys, texts between marks of their own.</summary>
    Bare,
}

/// <summary>Where a call's id stands, where the model writes one.</summary>
internal enum CallIdPlace { Nowhere, InHead, NamesFunction }

/// <summary>What ends a call's head.</summary>
internal enum HeadStop
{
    /// <summary>Its arguments, or what separates it from them.</summary>
    Arguments,

    /// <summary>What shows that it is a name alone, by which it has no arguments, or one object of them.</summary>
    Name,

    /// <summary>What opens another call.</summary>
    Opening,
}

/// <summary>One way to write calls.</summary>
/// <param name="Style">How arguments are written.</param>
internal sealed record CallFormat(ArgumentStyle Style)
{
    /// <summary>Before the first call.</summary>
    public string Open { get; init; } = "";

    /// <summary>Before the name of each, or before its object.</summary>
    public string CallOpen { get; init; } = "";

    /// <summary>What separates the name from the arguments; empty where these show their beginning themselves.</summary>
    public string HeadEnd { get; init; } = "";

    /// <summary>Behind each call.</summary>
    public string CallClose { get; init; } = "";

    /// <summary>Between two calls.</summary>
    public string Separator { get; init; } = "";

    /// <summary>Behind the last call.</summary>
    public string Close { get; init; } = "";

    /// <summary>Whether what opens calls may stand before text, too, and is no part of it.</summary>
    public bool OpensText { get; init; }

    /// <summary>Whether the calls are a list in brackets.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether calls without a mark are some only where an answer begins with their brackets.</summary>
    public bool IsBracketed { get; init; }

    /// <summary>For objects: the keys of name and arguments; no name where the one key is the name.</summary>
    public string? NameKey { get; init; } = "name";

    /// <inheritdoc cref="NameKey"/>
    public string ArgumentsKey { get; init; } = "arguments";

    /// <summary>For arguments between marks.</summary>
    public KeyedMarks Keyed { get; init; } = KeyedMarks.None;

    /// <summary>For bare objects: what stands around texts.</summary>
    public string Quote { get; init; } = "\"";

    public CallIdPlace Id { get; init; }

    /// <summary>Words of the head that name nothing.</summary>
    public IReadOnlyList<string> Noise { get; init; } = [];

    /// <summary>Just as the template writes it, spaces included; null for what nobody was seen to write.</summary>
    public CallSpelling? Spelling { get; init; }

    /// <summary>The last tag of <see cref="CallOpen"/>, with which models begin calls, too; empty for none.</summary>
    public string Alias { get; init; } = "";

    /// <summary>What may stand before, between and behind calls, those that open one first.</summary>
    public string[] Between => field ??=
        [CallOpen, Alias, .. MarkText.Parts(Separator), .. MarkText.Parts(CallClose), .. MarkText.Parts(Close)];

    /// <summary>What may stand behind a call's arguments: the parts of what closes it, then those of what closes the last.</summary>
    public string[] Closings => field ??= [.. MarkText.Parts(CallClose), .. MarkText.Parts(Close)];

    /// <summary>Those of them that are neither words nor a quotation's end.</summary>
    public string[] StrongClosings => field ??= [.. Closings.Where(mark => MarkText.IsStrong(mark) && mark[0] != '`')];

    /// <summary>How many of <see cref="Closings"/> close each call.</summary>
    public int CallClosings => MarkText.Parts(CallClose).Count();

    /// <summary>What ends an argument's key: the first <see cref="KeyBetweens"/> show that it is one, the others that it is none.</summary>
    public string[] KeyEnds => field ??= MarkText.Parts(Keyed.Between).ToArray() is [var first, .., var last] && MarkText.IsStrong(last)
        ? [Keyed.Between, last, .. KeyFrame, first] : [Keyed.Between, "", .. KeyFrame];

    /// <inheritdoc cref="KeyEnds"/>
    public const int KeyBetweens = 2;

    private IEnumerable<string> KeyFrame => ((string[])[Keyed.Open, Open, CallOpen, Alias, .. Closings]).Where(MarkText.IsStrong);

    /// <summary>Whether one of <see cref="Between"/> opens a call.</summary>
    public static bool IsOpening(int which) => which < 2;

    /// <summary>Whether one of <see cref="Between"/> ends the last call.</summary>
    public bool IsEnd(int which) => which >= Between.Length - MarkText.Parts(Close).Count();

    /// <summary>Where a call's head ends, and how long what separates it from its arguments is, or what opens calls before that.</summary>
    /// <param name="text">The head.</param>
    /// <param name="looked">How much of it needs no second look.</param>
    /// <param name="openings">What opens calls.</param>
    /// <param name="isLast">Whether nothing more comes.</param>
    public (MarkMatch Match, int At, int Length, HeadStop Stop) FindArguments(
        ReadOnlySpan<char> text, int looked, string[] openings, bool isLast)
    {
        string[] stops = Style == ArgumentStyle.Keyed ? [HeadEnd, Keyed.Open, CallClose, "{"]
            : [Style == ArgumentStyle.Python ? "(" : "{", .. HeadClosings];
        var (match, at, length, which) = MarkText.Find(text[looked..], [.. stops, .. openings], isLast);
        at += looked;
        if (which >= stops.Length) return (match, at, length, IsHeadOver(text[..at]) ? HeadStop.Name : HeadStop.Opening);
        if (match == MarkMatch.No && isLast && IsHeadOver(text)) return (MarkMatch.Yes, at, 0, HeadStop.Name);
        if (Style == ArgumentStyle.Keyed) return (match, at, which == 0 ? length : 0, which < 2 ? HeadStop.Arguments : HeadStop.Name);
        return (match, at, Style == ArgumentStyle.Json ? 0 : length, which > 0 ? HeadStop.Name : HeadStop.Arguments);
    }

    /// <summary>What closes a call that has nothing where its arguments would stand: no part of what stands before them.</summary>
    private string[] HeadClosings => field ??= Style == ArgumentStyle.Python ? [] :
    [
        .. StrongClosings.Where(mark => Spelling?.BeforeArguments.Contains(mark, StringComparison.Ordinal) != true),
    ];

    /// <summary>The token that the template writes behind each head, at the end of what stands before the arguments.</summary>
    private string HeadToken => field ??= Style == ArgumentStyle.Json && Spelling?.BeforeArguments is { } before
        && before.LastIndexOfAny(['[', '<']) is >= 0 and var at && MarkText.IsToken(before[at..].Trim()) ? before[at..].Trim() : "";

    private bool IsHeadOver(ReadOnlySpan<char> head) => HeadToken.Length > 0 && head.TrimEnd().EndsWith(HeadToken);

    /// <summary>What shows that calls begin; empty where they may only stand where an answer begins.</summary>
    public string Trigger => Open.Length > 0 ? Open : CallOpen;
}

/// <summary>What stands around each argument.</summary>
/// <param name="Open">Before its key.</param>
/// <param name="Between">Between key and value, up to where values of different types differ.</param>
/// <param name="BetweenEnd">Behind the word for the type; empty where there is none.</param>
/// <param name="TextWord">The word for texts.</param>
/// <param name="Close">Behind the value; <see cref="KeyPlace"/> in it is the key again.</param>
/// <param name="OnLines">Whether the value stands on lines of its own.</param>
internal sealed record KeyedMarks(string Open, string Between, string BetweenEnd, string TextWord, string Close, bool OnLines)
{
    public const char KeyPlace = '\0';

    /// <summary>Stands for the word where texts are written as JSON, as all other values are.</summary>
    public const string JsonWord = "\"";

    /// <summary>What XML has around a text whose marks are none.</summary>
    public const string WrapOpen = "<![CDATA[";

    /// <inheritdoc cref="WrapOpen"/>
    public const string WrapClose = "]]>";

    public static readonly KeyedMarks None = new("", "", "", "", "", false);

    /// <summary>Whether the template wraps texts that have marks in them.</summary>
    public bool Wraps { get; init; }

    /// <summary>Whether values may be wrapped: where keys stand as XML's do, a model may do so unasked.</summary>
    public bool MayWrap => Wraps || Open.EndsWith("=\"", StringComparison.Ordinal);
}

/// <summary>A call format letter by letter.</summary>
/// <param name="Open">Before the first call.</param>
/// <param name="BeforeName">Before each name; an id in it is <see cref="IdPlace"/>, a running number <see cref="NumberPlace"/>.</param>
/// <param name="BeforeArguments">Between name and arguments.</param>
/// <param name="AfterArguments">Behind the arguments.</param>
/// <param name="Separator">Between two calls; null where a message has one call.</param>
/// <param name="Close">Behind the last call.</param>
internal sealed record CallSpelling(
    string Open, string BeforeName, string BeforeArguments, string AfterArguments, string? Separator, string Close)
{
    public const char IdPlace = '\u0001';
    public const char NumberPlace = '\u0002';
    public const char NamePlace = '\u0003';

    /// <summary>What a message without text has before its calls.</summary>
    public string Lead { get; init; } = "";

    /// <summary>What a message has behind them, before the token that ends it.</summary>
    public string End { get; init; } = "";

    /// <summary>Other ways to begin a call, which its models write as well.</summary>
    public IReadOnlyList<ToolCallHead> OtherHeads { get; init; } = [];

    /// <summary>Whether all of it is known.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>For arguments between marks.</summary>
    public KeyedSpelling? Keyed { get; init; }
}

/// <summary>Arguments between marks letter by letter: behind the name, before a key, between key and value, behind a value.</summary>
internal sealed record KeyedSpelling(string HeadEnd, string Open, string TextBetween, string OtherBetween, string Close);
