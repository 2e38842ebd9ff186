using System.Text;
using Samovar.Backends;

namespace Samovar.Gateway.Attempts;

/// <summary>
/// Puts characters together that an upstream has cut in two, as those do that count in UTF-16: half of a pair at the end of a piece waits
/// for the next one. What stays alone becomes U+FFFD.
/// </summary>
internal sealed class PairJoin
{
    private const string Lost = "\uFFFD";
    private BackendEvent? _before; // the piece whose last half waits
    private char _half;

    /// <summary>What is to be reported in front of this event: a half that nothing more of its text follows. Null mostly.</summary>
    public BackendEvent? Alone(BackendEvent next)
    {
        if (_before is not { } before || IsMore(before, next)) return null;
        _before = null;
        return WithText(before, Lost);
    }

    /// <summary>The event with whole characters only; null where it has none yet.</summary>
    public BackendEvent? Whole(BackendEvent reported) => reported switch
    {
        BackendEvent.Delta delta => Whole(delta, delta.Text, isSaying: !delta.Logprobs.IsEmpty),
        BackendEvent.RefusalDelta refusal => Whole(refusal, refusal.Text),
        BackendEvent.SummaryDelta summary => Whole(summary, summary.Text),
        _ => reported,
    };

    private BackendEvent? Whole(BackendEvent piece, string text, bool isSaying = false)
    {
        if (_before is null && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return piece; // mostly
        if (_before is not null) text = _half + text;
        _before = null;
        if (text.Length > 0 && char.IsHighSurrogate(text[^1])) (_before, _half, text) = (piece, text[^1], text[..^1]);
        if (text.Length == 0 && _before is not null && !isSaying) return null;
        return WithText(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))); // halves inside it become U+FFFD
    }

    private static bool IsMore(BackendEvent before, BackendEvent next) => (before, next) switch
    {
        (_, BackendEvent.Annotation) => true, // stands beside the text
        (BackendEvent.SummaryDelta part, BackendEvent.SummaryDelta more) => more.SummaryIndex == part.SummaryIndex,
        _ => before.GetType() == next.GetType(),
    };

    private static BackendEvent WithText(BackendEvent piece, string text) => piece switch
    {
        BackendEvent.Delta delta => delta with { Text = text },
        BackendEvent.SummaryDelta summary => summary with { Text = text },
        _ => new BackendEvent.RefusalDelta(text),
    };
}
