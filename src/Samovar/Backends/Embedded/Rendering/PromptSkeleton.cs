using System.Globalization;
using System.Text;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What a conversation's messages are, without what they say: a few letters for each. A continuation adds its own behind its parent's.
/// </summary>
internal sealed class PromptSkeleton
{
    private const char NoText = 'n', Thought = 'r', Call = 'c';

    private const int KindMax = 5; // three calls are as many as two

    private readonly PromptSkeleton? _parent;
    private readonly string _own;
    private readonly int[] _marks; // a number for all that each message is
    private IReadOnlySet<(string, string)>? _known; // pairs that all up to here are of

    private PromptSkeleton(PromptSkeleton? parent, IReadOnlyList<PromptMessage> messages)
    {
        (_parent, _own, _marks) = (parent, Letters(messages), [.. messages.Select(MarkOf)]);
        HasCalls = parent is { HasCalls: true } || messages.Any(static one => one.Calls.Count > 0);
    }

    /// <summary>Whether any of its messages makes calls.</summary>
    public bool HasCalls { get; }

    public static PromptSkeleton Of(IReadOnlyList<PromptMessage> messages) => new(null, messages);

    public PromptSkeleton With(IReadOnlyList<PromptMessage> messages) => new(this, messages);

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
    public List<PromptMessage> Messages(string words = "words")
    {
        var parts = new Stack<string>();
        for (var at = this; at is not null; at = at._parent) parts.Push(at._own);
        var messages = new List<PromptMessage>();
        var open = new Queue<PromptCall>();
        foreach (var part in parts) Read(part, words, messages, open);
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

    private static void Read(string letters, string words, List<PromptMessage> messages, Queue<PromptCall> open)
    {
        for (var at = 0; at < letters.Length;)
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
            foreach (var call in message.Calls) open.Enqueue(call);
            if (message.Role == PromptRole.Tool && open.TryDequeue(out var asked))
                message = message with { CallId = asked.Id, CallName = asked.Name };
            messages.Add(message);
        }
    }

    private static PromptRole RoleOf(char letter) => letter switch
    {
        'S' => PromptRole.System, 'U' => PromptRole.User, 'T' => PromptRole.Tool, _ => PromptRole.Assistant,
    };
}
