using System.Collections.Concurrent;
using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds out whether what messages say has changed the way that a template goes, or only what it writes in their place.</summary>
/// <remarks>
/// Certificates are made with stand-ins, so they hold for conversations that a template treats as it treats stand-ins. Templates may look
/// into a text: <c>/no_think</c> in any message, a closing tag in an answer, what the last question begins with. (1) What a template does
/// with texts is seen once for the kinds of a turn's messages (<see cref="TextUses"/>): as a rule it writes them, and looks for a few
/// others in them. Messages that have none of these are treated as stand-ins are, and nothing is rendered for that. (2) A conversation in
/// which something is found is rendered behind its own start and messages, those kept in which it is found and words for the others: so
/// the template goes the way that it really goes. (3) When a template is seen to look for something new, what was said before is searched
/// for it, once. (4) Where the template looks into texts in another way, messages are rendered with their own and with other words, where
/// they are newest and where others follow: every condition must have the same outcome, every loop the same length, and the same must be
/// written behind a stand-in's answer. Arguments and own tools' names stay as they are there, since templates walk through them. (5) A
/// template that looks so and counts may look only later, and what it compares with what is said elsewhere is not seen at one turn: such
/// turns are not continued.
/// </remarks>
internal sealed class ContentEffects(ShapeRenderer shapes, StandInHistories histories, bool countsMessages)
{
    private const int NeutralMax = 1024;
    private const int RoundsMax = 8; // each finds another text that is looked for

    private readonly string[] _standIns =
    [
        .. histories.Messages.Concat(StandIns.Added("stuarcd", [])).Concat(EarlierTurns.All)
            .SelectMany(static one => (string[])[one.Text, one.Reasoning]),
        .. PromptSkeleton.Words,
    ];

    private readonly TextUses _uses = new(shapes, histories);

    // How the template treats other words, by what the messages are: it is the same for all that say nothing to it.
    private readonly ConcurrentDictionary<(TurnShape, string), Seen[]> _neutral = new();
    private volatile Needles _needles = Needles.None;

    /// <summary>The turn as it may be continued, for what is said in it and before; null where it has to be rendered whole.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="state">What the response before left; notes what is found out about the conversation.</param>
    /// <param name="history">Gives the conversation before the answer; asked only where that has to be looked at.</param>
    /// <param name="cancelled">Ends it early.</param>
    public ContentTurn? Settle(ContentTurn turn, EmbeddedState state, Func<ContentHistory> history, CancellationToken cancelled)
    {
        if (state.Likeness == Likeness.Unlike) return null;
        var proven = turn.Certificate;
        for (var round = 0; round < RoundsMax; round++)
        {
            var needles = _needles;
            var skeleton = state.Skeleton!;
            if (!ReferenceEquals(skeleton.LookedFor, needles)) state.Skeleton = skeleton = PromptSkeleton.Of(history(), needles); // :: 3
            if (needles.AreInStandIns || skeleton.HoldsTooMuch || !needles.AreNoneIn(turn.Said)) return null;
            var isPlain = !skeleton.HasFound && needles.AreNoneIn(turn.Added);
            var certificate = isPlain ? proven : proven with { IsGeneral = false, IsOwnHead = true, Head = history().Head }; // :: 2
            turn = turn with { Skeleton = skeleton, Certificate = certificate };
            if (_uses.Of(turn, needles, cancelled) is not { } use || IsBeyondWords(use, turn)) return null; // :: 1, 5
            if (certificate is not { IsGeneral: true, IsOwnHead: false } && AreOwn(use.Needles, needles, turn)) return null;
            if (!ReferenceEquals(Learn(use.Needles), needles)) continue;
            return !use.LooksInto || AreLike(turn, state, history, cancelled) ? turn : null;
        }
        return null;
    }

    /// <summary>Whether it matters what was said, in a way that looking at one message does not show. :: 5</summary>
    private bool IsBeyondWords(TextUse use, ContentTurn turn) =>
        use.Repeats || use.ComparesTexts || (use.LooksInto && countsMessages)
        || (use.ReadsArguments && (turn.Skeleton.HasCalls || turn.Messages.Any(static one => one.Calls.Count > 0)))
        || (use.ComparesMessages && turn.Skeleton.HasTwice(turn.Messages));

    /// <summary>Whether the template looks for words of the conversation's own, such as its tools' names: others are not searched for
    /// them.</summary>
    private static bool AreOwn(IReadOnlySet<string> found, Needles known, ContentTurn turn)
    {
        var unknown = found.Where(text => !known.Has(text)).ToList();
        if (unknown.Count == 0) return false;
        var (head, kept) = (turn.Certificate.Head, turn.Skeleton.Messages().Concat(turn.Messages).Where(one => !known.AreNoneIn(one)));
        var own = head.Tools.SelectMany(static tool => (string[])[tool.FlatName, tool.Description ?? ""])
            .Append(known.AreNoneIn(head.Lead) ? "" : head.Lead)
            .Concat(kept.SelectMany(static one => (string[])[one.Text, one.Reasoning])).ToList();
        return unknown.Exists(text => own.Exists(said => said.Contains(text, StringComparison.OrdinalIgnoreCase)));
    }

    private Needles Learn(IReadOnlySet<string> found)
    {
        while (true)
        {
            var known = _needles;
            var more = known.With(found, _standIns);
            if (ReferenceEquals(more, known) || ReferenceEquals(Interlocked.CompareExchange(ref _needles, more, known), known)) return more;
        }
    }

    /// <summary>Whether a template that looks into texts treats these as it treats others. :: 4</summary>
    private bool AreLike(ContentTurn turn, EmbeddedState state, Func<ContentHistory> history, CancellationToken cancelled)
    {
        if (state.Likeness == Likeness.Unknown)
            state.Likeness = IsLike(turn, history(), cancelled) ? Likeness.Like : Likeness.Unlike;
        return state.Likeness == Likeness.Like && IsLike(turn, cancelled);
    }

    /// <summary>Whether a conversation up to an answer is continued as stand-ins are.</summary>
    private bool IsLike(ContentTurn turn, ContentHistory history, CancellationToken cancelled)
    {
        var (shape, certificate) = (turn.Shape, turn.Certificate);
        var calls = StandIns.Calls(shape.Tail.Calls);
        var said = StandIns.Assistant(shape.Tail, calls);
        var added = StandIns.Added(shape.Kinds, calls);
        var opened = Render(history.Messages, null);
        var neutral = Neutral(history.Messages, keepsNames: true);
        var (one, other) = (new RenderTrace(), new RenderTrace());
        var (whole, wholeNeutral) = (Render([.. history.Messages, said], added, one), Render([.. neutral, said], added, other));
        if (opened is null || whole is null || wholeNeutral is null || !one.Equals(other)) return false;
        return SuffixCertifier.Ending(opened, whole, certificate) is { } behind
            && Behind(wholeNeutral).EndsWith(behind, StringComparison.Ordinal);

        string? Render(IReadOnlyList<PromptMessage> messages, IReadOnlyList<PromptMessage>? more, RenderTrace? noted = null)
        {
            try
            {
                return shapes.Render(shape, history.Head, messages, more ?? [], more is null || shape.Generate, cancelled, noted);
            }
            catch (TemplateException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether an answer and the messages behind it are continued as stand-ins are.</summary>
    private bool IsLike(ContentTurn turn, CancellationToken cancelled)
    {
        var (shape, certificate) = (turn.Shape, turn.Certificate);
        var befores = certificate.IsGeneral ? EarlierTurns.Of(shape) : [turn.Skeleton.Messages()];
        var seen = Look(turn.Said, turn.Added);
        var kinds = (shape, PromptSkeleton.KindsOf(turn.Messages));
        var isShared = certificate is { IsGeneral: true, IsOwnHead: false };
        if (isShared && _neutral.TryGetValue(kinds, out var known) && AreAlike(seen, known)) return true;
        var neutral = Neutral(turn.Messages, certificate.IsOwnHead);
        var other = Look([.. neutral.Take(turn.Said.Count)], [.. neutral.Skip(turn.Said.Count)]);
        if (!AreAlike(seen, other)) return false;
        if (_neutral.Count >= NeutralMax) _neutral.Clear();
        if (isShared) _neutral[kinds] = other;
        return true;

        Seen[] Look(IReadOnlyList<PromptMessage> answer, IReadOnlyList<PromptMessage> behind) =>
            [.. from before in befores from later in LaterTurns.All select Render(before, answer, behind, later)];

        Seen Render(
            IReadOnlyList<PromptMessage> before, IReadOnlyList<PromptMessage> answer, IReadOnlyList<PromptMessage> behind,
            IReadOnlyList<PromptMessage> later)
        {
            var trace = new RenderTrace();
            try
            {
                var more = shapes.Later([.. behind, .. later]);
                var whole = shapes.Render(
                    shape, certificate.Head, [.. before, .. answer], more, shape.Generate || later.Count > 0, cancelled, trace);
                return new Seen(trace, later.Count > 0 ? Behind(whole).ToString() : "");
            }
            catch (TemplateException)
            {
                return new Seen(null, "");
            }
        }
    }

    /// <summary>Whether the template went the same ways, and wrote the same at the end.</summary>
    private static bool AreAlike(Seen[] seen, Seen[] other) =>
        seen[0].Trace is not null && seen.AsSpan().SequenceEqual(other); // where it takes nothing behind it, it may refuse both

    private static ReadOnlySpan<char> Behind(string whole) => whole.AsSpan(whole.LastIndexOf(StandIns.Anchor, StringComparison.Ordinal) is
        >= 0 and var at ? at : 0);

    /// <summary>The same messages with other words; what is empty stays so.</summary>
    private static List<PromptMessage> Neutral(IReadOnlyList<PromptMessage> messages, bool keepsNames)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var neutral = new List<PromptMessage>(messages.Count);
        foreach (var message in messages)
            neutral.Add(message with
            {
                Text = Words(message.Text, neutral.Count),
                Reasoning = Words(message.Reasoning, neutral.Count),
                CallName = message.CallName is { } name ? NameOf(name) : null,
                Calls = [.. message.Calls.Select(call => call with { Name = NameOf(call.Name) })],
            });
        return neutral;

        string NameOf(string name)
        {
            if (keepsNames) return name;
            if (!names.TryGetValue(name, out var other))
                names[name] = other = string.Create(CultureInfo.InvariantCulture, $"do_n{names.Count}");
            return other;
        }
    }

    private static string Words(string text, int at) =>
        string.IsNullOrWhiteSpace(text) ? text : string.Create(CultureInfo.InvariantCulture, $"words {at}");

    /// <summary>Which way a render went, and what it wrote behind a later answer; no trace where the template refused it.</summary>
    private sealed record Seen(RenderTrace? Trace, string Behind);
}
