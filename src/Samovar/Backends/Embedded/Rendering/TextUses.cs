using System.Collections.Concurrent;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds out what a template does with texts: once for each shape of turn and kinds of messages, with words of its own.</summary>
/// <remarks>
/// (1) Where a proof holds whatever came before, the turn is rendered behind a short and a longer history, as the newest and before other
/// turns, so that what is looked for only here or there is seen. (2) Else it is rendered behind messages of its own conversation's kinds,
/// each time: what matters is where its messages are now. (3) What is written behind an answer with two sets of words must be the same.
/// </remarks>
internal sealed class TextUses(ShapeRenderer shapes)
{
    private const int KnownMax = 1024;
    private const int BlanksMax = 64;

    private readonly ConcurrentDictionary<UseKey, TextUse?> _known = new();

    /// <summary>What it does; null where it refuses such a turn.</summary>
    public TextUse? Of(ContentTurn turn, CancellationToken cancelled)
    {
        if (!turn.Certificate.IsGeneral) return Find(turn, [turn.Skeleton.Messages()], LaterTurns.None, cancelled); // :: 2
        IReadOnlyList<PromptMessage> messages = [.. turn.Said, .. turn.Added];
        var blanks = string.Join('|', messages.Select(static one => one.Text).Where(static text => text.Length > 0 && string.IsNullOrWhiteSpace(text)));
        if (blanks.Length > BlanksMax) return null;
        var key = new UseKey(turn.Shape, turn.Certificate.IsOwnHead ? turn.HeadName : null, PromptSkeleton.KindsOf(messages), blanks);
        if (_known.TryGetValue(key, out var known)) return known;
        var found = Find(turn, EarlierTurns.Of(turn.Shape), LaterTurns.All, cancelled); // :: 1
        if (_known.Count >= KnownMax) _known.Clear();
        return _known[key] = found;
    }

    private TextUse? Find(
        ContentTurn turn, IReadOnlyList<IReadOnlyList<PromptMessage>> befores, PromptMessage[][] laters, CancellationToken cancelled)
    {
        var watch = new TextWatch();
        var (isTaken, repeats) = (false, false);
        foreach (var before in befores)
            foreach (var later in laters)
            {
                var one = Behind(turn, before, later, WordSet.First, watch, cancelled);
                var other = Behind(turn, before, later, WordSet.Second, watch, cancelled);
                isTaken |= one is not null && later.Length == 0;
                repeats |= !string.Equals(one, other, StringComparison.Ordinal);
            }
        return !isTaken ? null : new TextUse(watch.Needles)
        {
            LooksInto = watch.LooksInto, ReadsArguments = watch.ReadsArguments, ComparesTexts = watch.ComparesTexts,
            ComparesMessages = watch.ComparesMessages, Repeats = repeats,
        };
    }

    /// <summary>What it writes behind the newest answer; null where it refuses that.</summary>
    private string? Behind(
        ContentTurn turn, IReadOnlyList<PromptMessage> before, PromptMessage[] later, WordSet set, TextWatch watch,
        CancellationToken cancelled)
    {
        var words = new WatchedMessages(set);
        List<PromptMessage> whole = [.. words.Of(before), .. words.Of(turn.Said)];
        if (later.Length == 0 && whole is [.., { Role: PromptRole.Assistant } said]) whole[^1] = Anchored(said);
        if (later.Length == 0) words.Set = WordSet.First; // what is new stands behind the answer
        List<PromptMessage> added = [.. words.Of(turn.Added), .. later];
        try
        {
            var rendered = shapes.Render(
                turn.Shape, turn.Certificate.Head, whole, shapes.Later(added), turn.Shape.Generate || later.Length > 0, cancelled,
                new RenderTrace { Watch = watch });
            var at = rendered.LastIndexOf(StandIns.Anchor, StringComparison.Ordinal);
            return at < 0 ? "" : rendered[at..];
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static PromptMessage Anchored(PromptMessage said) => said.Calls.Count == 0
        ? said with { Text = said.Text + StandIns.Anchor }
        : said with
        {
            Calls = [.. said.Calls.SkipLast(1), said.Calls[^1] with { Arguments = $$"""{"a": "{{StandIns.Anchor}}"}""" }],
        };

    private sealed record UseKey(TurnShape Shape, string? Head, string Kinds, string Blanks);
}
