using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Which of an answer's choices is told: nobody asked for more than one, but some send several, in one chunk or in chunks of their
/// own, and some send one message in several.</summary>
internal sealed class ChatChoices(UpstreamCall call)
{
    private readonly List<(int Index, RawJson Choice)> _beside = [];
    private int? _told; // its index

    /// <summary>The choices of a chunk that are told: those of the first index, and those that have none.</summary>
    public IReadOnlyList<RawJson> Told(RawJson choices)
    {
        var all = choices.Elements();
        if (all.Count == 0) return all;
        _told ??= all.Min(static choice => WholeNumber.Of(choice, "index"u8) ?? 0);
        if (all.Count == 1 && IsTold(all[0])) return all; // mostly
        foreach (var other in all.Where(other => !IsTold(other))) Keep(other);
        return all.FindAll(IsTold);
    }

    /// <summary>The choices with calls beside those that are told, of one index: they are the message's own where it says that it calls and
    /// has no call.</summary>
    public IEnumerable<RawJson> Beside
    {
        get
        {
            if (_beside.Count == 0) return [];
            var first = _beside.Min(static kept => kept.Index); // once: an answer may have any number of them
            return _beside.Where(kept => kept.Index == first).Select(static kept => kept.Choice);
        }
    }

    private bool IsTold(RawJson choice) => (WholeNumber.Of(choice, "index"u8) ?? _told) == _told;

    private void Keep(RawJson other)
    {
        var fields = ChatChoice.Of(other);
        if (!HasCalls(fields.Delta) && !HasCalls(fields.Message)) return;
        call.Gather(other.Utf8.Length);
        _beside.Add((WholeNumber.Of(other, "index"u8) ?? 0, other.Copied()));
    }

    private static bool HasCalls(RawJson message)
    {
        var parts = ChatMessageParts.Of(message);
        return parts.ToolCalls.IsSet() || parts.FunctionCall.IsSet();
    }
}
