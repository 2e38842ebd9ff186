using System.Collections.Concurrent;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds out what a template does with texts: once for each shape of turn and kinds of messages, with words of its own.</summary>
/// <remarks>
/// (1) Where a proof holds whatever came before, the turn is rendered behind a short and a longer history, as the newest and before other
/// turns, so that what is looked for only here or there is seen; and each of the histories that proofs are made with is opened. (2) Else it
/// is rendered behind messages of its own conversation's kinds, each time: what matters is where its messages are now. Those in which the
/// template finds something are as they are. (3) What is written behind an answer with two sets of words must be the same.
/// </remarks>
internal sealed class TextUses(ShapeRenderer shapes, StandInHistories histories)
{
    private const int KnownMax = 1024;
    private const int BlanksMax = 64;

    private readonly ConcurrentDictionary<UseKey, TextUse?> _known = new();

    /// <summary>What it does; null where it refuses such a turn.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="needles">What it is known to look for: messages that have it are taken as they are.</param>
    /// <param name="cancelled">Ends it early.</param>
    public TextUse? Of(ContentTurn turn, Needles needles, CancellationToken cancelled)
    {
        var search = new Search(turn, needles, new TextWatch(), cancelled);
        if (!turn.Certificate.IsGeneral)
            return Find(search, [turn.Skeleton.Messages()], LaterTurns.None, [turn.Skeleton.Messages()]); // :: 2
        var blanks = string.Join('|', turn.Messages.Select(static one => one.Text).Where(static text => text.Length > 0
            && string.IsNullOrWhiteSpace(text)));
        if (blanks.Length > BlanksMax) return null;
        var key = new UseKey(
            turn.Shape, turn.Certificate.IsOwnHead ? turn.HeadName : null, PromptSkeleton.KindsOf(turn.Messages), blanks);
        if (_known.TryGetValue(key, out var known)) return known;
        var isThoughtful = turn.Shape.Tail.ReasoningSinceUser;
        var found = Find(search, EarlierTurns.Of(turn.Shape), LaterTurns.All, histories.Of(isThoughtful)); // :: 1
        if (_known.Count >= KnownMax) _known.Clear();
        return _known[key] = found;
    }

    private TextUse? Find(
        Search search, IReadOnlyList<IReadOnlyList<PromptMessage>> befores, PromptMessage[][] laters,
        IReadOnlyList<IReadOnlyList<PromptMessage>> opened)
    {
        var (isTaken, repeats, watch) = (false, false, search.Watch);
        foreach (var history in opened) Render(search, new WatchedMessages(WordSet.First, search.Needles).Of(history), [], generate: true);
        foreach (var before in befores)
            foreach (var later in laters)
            {
                var (one, other) = (Behind(search, before, later, WordSet.First), Behind(search, before, later, WordSet.Second));
                isTaken |= one is not null && later.Length == 0;
                repeats |= !string.Equals(one, other, StringComparison.Ordinal); // :: 3
            }
        return !isTaken ? null : new TextUse(watch.Needles)
        {
            LooksInto = watch.LooksInto, ReadsArguments = watch.ReadsArguments, ComparesTexts = watch.ComparesTexts,
            ComparesMessages = watch.ComparesMessages, Repeats = repeats,
        };
    }

    /// <summary>What it writes behind the newest answer; null where it refuses that.</summary>
    private string? Behind(Search search, IReadOnlyList<PromptMessage> before, PromptMessage[] later, WordSet set)
    {
        var (turn, words) = (search.Turn, new WatchedMessages(set, search.Needles));
        List<PromptMessage> whole = words.Of(before);
        if (later.Length == 0) words.NameSet = WordSet.First; // the names of the answer's calls are its own behind it
        whole.AddRange(words.Of(turn.Said));
        if (later.Length == 0 && whole is [.., { Role: PromptRole.Assistant } said]) whole[^1] = Anchored(said);
        if (later.Length == 0) words.Set = WordSet.First; // what is new stands behind the answer
        List<PromptMessage> added = [.. words.Of(turn.Added), .. later];
        if (Render(search, whole, shapes.Later(added), turn.Shape.Generate || later.Length > 0) is not { } rendered) return null;
        var at = rendered.LastIndexOf(StandIns.Anchor, StringComparison.Ordinal);
        return at < 0 ? "" : rendered[at..];
    }

    private string? Render(
        Search search, IReadOnlyList<PromptMessage> messages, IReadOnlyList<PromptMessage> added, bool generate)
    {
        try
        {
            var trace = new RenderTrace { Watch = search.Watch };
            return shapes.Render(search.Turn.Shape, search.Head, messages, added, generate, search.Cancelled, trace);
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

    /// <summary>What is being found out, and noted.</summary>
    private sealed record Search(ContentTurn Turn, Needles Needles, TextWatch Watch, CancellationToken Cancelled)
    {
        private const int HeadAt = 9999;

        /// <summary>The proof's start, which may be repeated: its words are known again, too.</summary>
        public PromptHead Head { get; } = Turn.Certificate.Head is var head && Needles.AreNoneIn(head.Lead)
            ? head with { Lead = WatchedWords.Text(HeadAt) } : Turn.Certificate.Head;
    }
}
