using System.Text;

namespace Samovar.Engine.Grammars;

/// <summary>Looks for what makes a grammar bind, byte by byte, and knows where it is only spoken of. Never changes.</summary>
/// <remarks>A state is a <see cref="WatchPlace"/> and the texts that have begun there, packed as bytes.</remarks>
internal sealed class TriggerWatch
{
    private const int SignsMax = ushort.MaxValue;

    private enum Kind { Trigger, Open, Close }

    private readonly GrammarTriggers _triggers;
    private readonly List<Watched> _texts = [];

    public TriggerWatch(GrammarTriggers triggers)
    {
        _triggers = triggers;
        foreach (var text in triggers.Texts) Add(Kind.Trigger, -1, text);
        if (_texts.Count == 0) return;
        for (var part = 0; part < triggers.QuietParts.Count; part++)
        {
            Add(Kind.Open, part, triggers.QuietParts[part].Open.Trim());
            foreach (var close in triggers.QuietParts[part].Closes) Add(Kind.Close, part, close.Trim());
        }
    }

    /// <summary>Whether nothing is looked for: the grammar binds at once.</summary>
    public bool IsEmpty => _texts.Count == 0;

    /// <summary>All bytes that are told apart.</summary>
    public IEnumerable<byte> Bytes => IsEmpty ? [] : _texts.SelectMany(text => text.Signs).Concat("\t\n\v\f\r `"u8.ToArray());

    /// <summary>Before the first byte.</summary>
    /// <param name="begun">The quiet part that has begun.</param>
    public static byte[] Start(int? begun) => new WatchPlace(begun ?? -1, LineStart.Space, IsQuoted: false, IsFresh: true).With([]);

    /// <summary>After one byte more: the state, or the trigger that it completes.</summary>
    public (byte[]? State, byte[]? Trigger) Next(byte[] state, byte one)
    {
        var place = WatchPlace.Of(state);
        var isSpace = IsSpace(one);
        var begun = new SortedSet<(int Text, int Seen)>();
        Watched? ended = null;
        foreach (var (text, seen) in WatchPlace.Begun(state).Concat(Beginnings(place)))
        {
            var watched = _texts[text];
            if (isSpace && seen > 0 && watched.MayHaveSpace[seen]) begun.Add((text, seen));
            if (watched.Signs[seen] != one) continue;
            if (seen + 1 < watched.Signs.Length) begun.Add((text, seen + 1));
            else if (ended is null || watched.Outweighs(ended)) ended = watched;
        }
        return ended switch
        {
            null => (Behind(place, one, isSpace).With(begun), null),
            { Kind: Kind.Trigger } => (null, ended.Written),
            { Kind: Kind.Open } when _triggers.QuietParts[ended.Part].Closes.Count > 0 => (Fresh(place, ended.Part), null),
            _ => (Fresh(place, part: -1), null),
        };
    }

    private IEnumerable<(int Text, int Seen)> Beginnings(WatchPlace place)
    {
        for (var text = 0; text < _texts.Count; text++)
            if (MayBegin(_texts[text], place)) yield return (text, 0);
    }

    private bool MayBegin(Watched text, WatchPlace place) => text.Kind switch
    {
        Kind.Close => place.Part == text.Part,
        Kind.Open => place.Part < 0 && (place.IsFresh || _triggers.QuietParts[text.Part].IsAnywhere),
        _ when place.Part >= 0 => place.IsFresh && _triggers.QuietParts[place.Part].WakesAtStart,
        _ when place.IsFresh => true,
        _ when _triggers.AreQuotable && place.IsQuoted => false,
        _ => _triggers.Place == TriggerPlace.Anywhere || (_triggers.Place == TriggerPlace.OnLine && place.Line == LineStart.Space),
    };

    /// <summary>A part begins, or ends: nothing was said there yet.</summary>
    private static byte[] Fresh(WatchPlace place, int part) =>
        (place with { Part = part, Line = LineStart.Space, IsFresh = true }).With([]);

    private static WatchPlace Behind(WatchPlace place, byte one, bool isSpace)
    {
        place = place with { IsFresh = place.IsFresh && isSpace };
        if (place.Part >= 0) return place;
        if (one == '\n') return place with { Line = LineStart.Space };
        return (place.Line, one) switch
        {
            (LineStart.Space, (byte)'`') => place with { Line = LineStart.OneTick },
            (LineStart.OneTick, (byte)'`') => place with { Line = LineStart.TwoTicks },
            (LineStart.TwoTicks, (byte)'`') => place with { Line = LineStart.Past, IsQuoted = !place.IsQuoted },
            (LineStart.Space, _) when isSpace => place,
            _ => place with { Line = LineStart.Past },
        };
    }

    private void Add(Kind kind, int part, string text)
    {
        if (text.Length == 0) return;
        var written = Encoding.UTF8.GetBytes(text);
        var (signs, mayHaveSpace, hasSpace) = (new List<byte>(), new List<bool>(), false);
        foreach (var one in written)
        {
            hasSpace |= IsSpace(one) && signs.Count > 0;
            if (IsSpace(one) && signs.Count > 0) continue;
            signs.Add(one);
            mayHaveSpace.Add(hasSpace);
            hasSpace = false;
        }
        if (signs.Count <= SignsMax && _texts.Count < SignsMax)
            _texts.Add(new Watched(kind, part, written, [.. signs], [.. mayHaveSpace]));
    }

    private static bool IsSpace(byte one) => one is (>= (byte)'\t' and <= (byte)'\r') or (byte)' ';

    /// <param name="Kind">What it means.</param>
    /// <param name="Part">The part that it begins or ends.</param>
    /// <param name="Written">The text.</param>
    /// <param name="Signs">Without the spaces within.</param>
    /// <param name="MayHaveSpace">Whether there is space before each of them.</param>
    private sealed record Watched(Kind Kind, int Part, byte[] Written, byte[] Signs, bool[] MayHaveSpace)
    {
        /// <summary>Of two that end together a trigger counts, then the longer.</summary>
        public bool Outweighs(Watched other) =>
            (Kind == Kind.Trigger) != (other.Kind == Kind.Trigger) ? Kind == Kind.Trigger : Signs.Length > other.Signs.Length;
    }
}
