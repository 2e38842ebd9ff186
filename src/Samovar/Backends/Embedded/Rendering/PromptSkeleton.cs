using System.Globalization;
using System.Text;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What a conversation's messages are, without what they say: a few letters for each. A continuation adds its own behind its parent's.
/// Messages in which a template finds what it looks for are kept as they are, up to a bound.
/// </summary>
internal sealed class PromptSkeleton
{
    private const char NoText = 'n', Thought = 'r', Call = 'c';

    private const int KindMax = 5; // three calls are as many as two
    private const int FoundCharsMax = 16 * 1024;

    private const string UsualWords = "words";

    /// <summary>Other words for <see cref="Messages"/>.</summary>
    public const string OtherWords = "some other words";

    private readonly PromptSkeleton? _parent;
    private readonly string _own;
    private readonly int[] _marks; // a number for all that each message is
    private readonly PromptMessage?[] _found; // by place, those that are kept; as many as messages, or none at all
    private readonly long _foundChars;
    private bool _isHeadFound;
    private IReadOnlySet<(string, string)>? _known; // pairs that all up to here are of

    private PromptSkeleton(PromptSkeleton? parent, IReadOnlyList<PromptMessage> messages, Needles? lookedFor)
    {
        LookedFor = lookedFor;
        var needles = lookedFor ?? Needles.None;
        (_parent, _own, _marks) = (parent, Letters(messages), [.. messages.Select(MarkOf)]);
        HasCalls = parent is { HasCalls: true } || messages.Any(static one => one.Calls.Count > 0);
        _found = [.. messages.Select(one => needles.AreNoneIn(one) ? null : one)];
        if (Array.TrueForAll(_found, static one => one is null)) _found = [];
        _foundChars = (parent?._foundChars ?? 0) + _found.Sum(static one => one?.Chars ?? 0);
        if (HoldsTooMuch) _found = []; // nobody asks for them any more
    }

    /// <summary>What was looked for in all of it; null where nobody has looked.</summary>
    public Needles? LookedFor { get; }

    /// <summary>Whether any of its messages makes calls.</summary>
    public bool HasCalls { get; }

    /// <summary>What its messages say.</summary>
    public static IReadOnlyList<string> Words => [UsualWords, OtherWords];

    /// <summary>Whether any message is kept as it is, or the conversation's start would have to be.</summary>
    public bool HasFound => _foundChars > 0 || _isHeadFound;

    /// <summary>Whether the kept ones are longer than is worth it.</summary>
    public bool HoldsTooMuch => _foundChars > FoundCharsMax;

    public static PromptSkeleton Of(IReadOnlyList<PromptMessage> messages) => new(null, messages, null);

    /// <param name="history">The conversation so far.</param>
    /// <param name="needles">What a template looks for.</param>
    public static PromptSkeleton Of(ContentHistory history, Needles needles) =>
        new(null, history.Messages, needles) { _isHeadFound = !needles.AreNoneIn(history.Head.Lead) };

    public PromptSkeleton With(IReadOnlyList<PromptMessage> messages) =>
        new(this, messages, LookedFor) { _isHeadFound = _isHeadFound };

    /// <summary>Whether any message of the conversation, with these, is as another.</summary>
    public bool HasTwice(IReadOnlyList<PromptMessage> added)
    {
        var seen = new HashSet<int>();
        for (var at = this; at is not null; at = at._parent)
            if (!Array.TrueForAll(at._marks, seen.Add)) return true;
        return !added.All(message => seen.Add(MarkOf(message)));
    }

    /// <summary>Whether each of its messages, and what stands before it, is of two kinds that are known to follow each other.</summary>
    public bool IsOf(IReadOnlySet<(string, string)> pairs)
    {
        var behind = "";
        for (var at = this; at is not null; at = at._parent)
        {
            if (ReferenceEquals(at._known, pairs)) return Pairs(at._own + behind).All(pairs.Contains);
            if (!Pairs(at._own + behind).All(pairs.Contains)) return false;
            behind = Kinds(at._own).FirstOrDefault() ?? behind;
        }
        _known = pairs;
        return true;
    }

    /// <summary>What messages are, as a text.</summary>
    public static string KindsOf(IReadOnlyList<PromptMessage> messages) => Letters(messages);

    /// <summary>The kinds of messages that follow each other.</summary>
    public static IEnumerable<(string, string)> Pairs(IReadOnlyList<PromptMessage> messages) => Pairs(Letters(messages));

    /// <summary>A conversation of such messages that say nothing in particular. Costs their number.</summary>
    /// <param name="words">What they say; a template that repeats a part of it is found out by others.</param>
    public List<PromptMessage> Messages(string words = UsualWords)
    {
        var parts = new Stack<PromptSkeleton>();
        for (var at = this; at is not null; at = at._parent) parts.Push(at);
        var messages = new List<PromptMessage>();
        var open = new Queue<PromptCall>();
        foreach (var part in parts) part.Read(words, messages, open);
        return messages;
    }

    private static int MarkOf(PromptMessage message) => HashCode.Combine(
        message.Role, message.Text, message.Reasoning, message.CallId, message.CallName,
        message.Calls.Aggregate(0, static (sum, call) => HashCode.Combine(sum, call)));

    private static IEnumerable<(string, string)> Pairs(string letters)
    {
        string? last = null;
        foreach (var kind in Kinds(letters))
        {
            if (last is not null) yield return (last, kind);
            last = kind;
        }
    }

    private static IEnumerable<string> Kinds(string letters)
    {
        for (int from = 0, at = 1; from < letters.Length; at++)
        {
            if (at < letters.Length && char.IsLower(letters[at])) continue;
            yield return letters[from..Math.Min(at, from + KindMax)];
            from = at;
        }
    }

    private static string Letters(IReadOnlyList<PromptMessage> messages)
    {
        var letters = new StringBuilder(messages.Count);
        foreach (var message in messages)
        {
            letters.Append(message.Role switch
            {
                PromptRole.System => 'S', PromptRole.User => 'U', PromptRole.Tool => 'T', _ => 'A',
            });
            if (string.IsNullOrWhiteSpace(message.Text)) letters.Append(NoText);
            if (message.Reasoning.Length > 0) letters.Append(Thought);
            letters.Append(Call, message.Calls.Count);
        }
        return letters.ToString();
    }

    private void Read(string words, List<PromptMessage> messages, Queue<PromptCall> open)
    {
        var letters = _own;
        for (int at = 0, place = 0; at < letters.Length; place++)
        {
            var role = letters[at++];
            var text = string.Create(CultureInfo.InvariantCulture, $"{words} {messages.Count}");
            var message = new PromptMessage(RoleOf(role), text);
            for (; at < letters.Length && char.IsLower(letters[at]); at++)
                message = letters[at] switch
                {
                    NoText => message with { Text = "" },
                    Thought => message with { Reasoning = text },
                    _ => message with { Calls = [.. message.Calls, StandIns.Call($"{messages.Count}_{message.Calls.Count}")] },
                };
            foreach (var call in FoundAt(place)?.Calls ?? message.Calls) open.Enqueue(call);
            if (message.Role == PromptRole.Tool && open.TryDequeue(out var asked))
                message = message with { CallId = asked.Id, CallName = asked.Name };
            messages.Add(FoundAt(place) is { } found ? found with { CallId = message.CallId ?? found.CallId } : message);
        }
    }

    private PromptMessage? FoundAt(int place) => _found.Length > 0 ? _found[place] : null;

    private static PromptRole RoleOf(char letter) => letter switch
    {
        'S' => PromptRole.System, 'U' => PromptRole.User, 'T' => PromptRole.Tool, _ => PromptRole.Assistant,
    };
}
