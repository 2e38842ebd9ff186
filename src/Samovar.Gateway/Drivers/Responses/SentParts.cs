using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What a part of an item is made of.</summary>
internal enum PartText
{
    /// <summary>What is said, thought or put in.</summary>
    Plain,

    Refusal,
    Summary,
}

/// <summary>How much of each part of an item was sent, so that an event with a part's whole text adds what that part lacks, and no
/// more.</summary>
/// <remarks>
/// A part is known by its place. Some servers leave places out, or count deltas and ends differently, so a whole text that begins with what
/// the newest part has said is that part's, and one that repeats a part without saying its place is no other.
/// </remarks>
internal sealed class SentParts
{
    private readonly List<Part> _parts = new(1); // mostly

    /// <summary>Notes a piece that is sent.</summary>
    /// <param name="text">What the part is made of.</param>
    /// <param name="place">Null where the upstream did not say.</param>
    public void Add(PartText text, int? place, string piece)
    {
        if (_parts is not [.., { IsEnded: false } part] || part.Text != text || part.Place != place)
            part = _parts.FindLast(one => one.Text == text && one.Place == place && !one.IsEnded) ?? Begin(text, place);
        part.Sent.Add(piece);
    }

    /// <summary>What of a part's whole text was not sent, and is now; empty where it begins differently, for that cannot be taken
    /// back.</summary>
    public string End(PartText text, int? place, string whole)
    {
        if (whole.Length == 0) return ""; // it says nothing, not even that the part is over
        var part = Find(text, place, whole) ?? Begin(text, place);
        part.IsEnded = true;
        if (!part.Sent.IsStartOf(whole)) return "";
        var rest = whole[part.Sent.Length..];
        part.Sent.Add(rest);
        return rest;
    }

    private Part? Find(PartText text, int? place, string whole)
    {
        if (place is not null && _parts.FindLast(one => one.Text == text && one.Place == place) is { } known) return known;
        if (_parts.FindLast(one => one.Text == text) is not { } newest) return null;
        var isUnplaced = place is null || newest.Place is null;
        var isIt = newest.IsEnded ? isUnplaced && newest.Sent.Is(whole) : isUnplaced || newest.Sent.IsStartOf(whole);
        return isIt ? newest : null;
    }

    private Part Begin(PartText text, int? place)
    {
        var part = new Part(text, place);
        _parts.Add(part);
        return part;
    }

    private sealed class Part(PartText text, int? place)
    {
        public SentText Sent; // grows in place

        public PartText Text => text;
        public int? Place => place;
        public bool IsEnded { get; set; }
    }
}
