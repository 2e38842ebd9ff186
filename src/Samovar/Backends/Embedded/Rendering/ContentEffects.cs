using System.Collections.Concurrent;
using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds out whether what messages say has changed the way that a template goes, or only what it writes in their place.</summary>
/// <remarks>
/// Certificates are made with stand-ins, so they hold for conversations that a template treats as it treats stand-ins. Templates may look
/// into a text: <c>/no_think</c> in any message, a closing tag in an answer, what the last question begins with. So conversations are
/// rendered a second time with other words in the place of theirs: (1) where every condition has the same outcome, and every loop the same
/// length, the template has not found anything in the texts; (2) and where it writes the same behind a stand-in's answer, it has not
/// carried any part of them there. The first turn of a conversation that is continued is looked at as a whole, once; each further one
/// costs what is new: what was said and what is new is looked at where it is newest, and again where an answer and a question follow.
/// Arguments stay as they are, since templates walk through them; so do names, where the tools are the conversation's own.
/// </remarks>
internal sealed class ContentEffects(ShapeRenderer shapes)
{
    private const int NeutralMax = 1024;

    // What may come behind: an answer and a question, or a call and its output.
    private static readonly PromptMessage[][] Later =
    [
        [],
        [new(PromptRole.Assistant, StandIns.Anchor), new(PromptRole.User, "a later question")],
        [.. StandIns.AnchoredCall("later")],
    ];

    // How the template treats other words, by what the messages are: it is the same for all that say nothing to it.
    private readonly ConcurrentDictionary<(TurnShape, string), Seen[]> _neutral = new();

    /// <summary>Whether a conversation up to an answer is continued as stand-ins are.</summary>
    /// <param name="shape">The shape of the turn that continues it.</param>
    /// <param name="certificate">The proof for that shape.</param>
    /// <param name="head">The conversation's own start.</param>
    /// <param name="before">Its messages up to that answer.</param>
    /// <param name="cancelled">Ends it early.</param>
    public bool AreNoneIn(
        TurnShape shape, Certificate certificate, PromptHead head, IReadOnlyList<PromptMessage> before, CancellationToken cancelled)
    {
        var calls = StandIns.Calls(shape.Tail.Calls);
        var said = StandIns.Assistant(shape.Tail, calls);
        var added = StandIns.Added(shape.Kinds, calls);
        var opened = Render(before, null);
        var neutral = Neutral(before, keepsNames: true);
        var (one, other) = (new RenderTrace(), new RenderTrace());
        var (whole, wholeNeutral) = (Render([.. before, said], added, one), Render([.. neutral, said], added, other));
        if (opened is null || whole is null || wholeNeutral is null || !one.Equals(other)) return false; // :: 1
        return SuffixCertifier.Ending(opened, whole, certificate) is { } behind
            && Behind(wholeNeutral).EndsWith(behind, StringComparison.Ordinal); // :: 2

        string? Render(IReadOnlyList<PromptMessage> messages, IReadOnlyList<PromptMessage>? more, RenderTrace? noted = null)
        {
            try
            {
                return shapes.Render(shape, head, messages, more ?? [], more is null || shape.Generate, cancelled, noted);
            }
            catch (TemplateException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether an answer and the messages behind it are continued as stand-ins are.</summary>
    /// <param name="shape">The shape of the turn that brings them.</param>
    /// <param name="certificate">The proof for that shape.</param>
    /// <param name="before">The messages to look at it behind.</param>
    /// <param name="said">The answer, as it was said.</param>
    /// <param name="added">The new messages, as they were said.</param>
    /// <param name="cancelled">Ends it early.</param>
    public bool AreNoneIn(
        TurnShape shape, Certificate certificate, IReadOnlyList<PromptMessage> before, IReadOnlyList<PromptMessage> said,
        IReadOnlyList<PromptMessage> added, CancellationToken cancelled)
    {
        var seen = Look(said, added);
        var kinds = (shape, PromptSkeleton.KindsOf([.. said, .. added]));
        var isShared = certificate is { IsGeneral: true, IsOwnHead: false };
        if (isShared && _neutral.TryGetValue(kinds, out var known) && AreAlike(seen, known)) return true;
        var neutral = Neutral([.. said, .. added], certificate.IsOwnHead);
        var other = Look([.. neutral.Take(said.Count)], [.. neutral.Skip(said.Count)]);
        if (!AreAlike(seen, other)) return false;
        if (_neutral.Count >= NeutralMax) _neutral.Clear();
        if (isShared) _neutral[kinds] = other;
        return true;

        Seen[] Look(IReadOnlyList<PromptMessage> answer, IReadOnlyList<PromptMessage> behind) =>
            [.. Later.Select(later => Render(answer, behind, later))];

        Seen Render(IReadOnlyList<PromptMessage> answer, IReadOnlyList<PromptMessage> behind, IReadOnlyList<PromptMessage> later)
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

    /// <summary>Whether the template went the same ways, and wrote the same at the end. :: 1-2</summary>
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
