using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>
/// A Messages answer as the core's items, one open at a time: an item begins with its first content, whatever its block was announced as,
/// and ends when another begins or the answer does.
/// </summary>
internal sealed class MessagesOutput(UpstreamCall call, IdSource ids)
{
    private enum Open { Nothing, Text, Thought, Call }

    private const int RepeatedMin = 3;
    private readonly StringBuilder _thought = new();
    private readonly StringBuilder _signature = new();
    private readonly HashSet<string> _callIds = new(StringComparer.Ordinal);
    private readonly List<(bool IsThought, StringBuilder Text)> _behindCall = []; // what stood inside a call's block
    private readonly CitedText _cited = new(call);
    private Open _open;
    private string _thoughtId = "";
    private string? _redacted;
    private CallEvents? _call;

    /// <summary>Whether a call is open whose arguments have not come to their end.</summary>
    public bool IsInsideCall => _open == Open.Call && !_call!.IsWhole;

    /// <summary>Whether a call ended before its arguments did.</summary>
    public bool HasBrokenCall { get; private set; }

    public void Text(string text, List<BackendEvent> events)
    {
        if (IsInsideCall)
        {
            PutBehind(isThought: false, text);
            return;
        }
        if (_open != Open.Text)
        {
            End(isCut: false, events);
            _open = Open.Text;
            _cited.BeginMessage();
            events.Add(new BackendEvent.MessageStarted());
        }
        _cited.Say(text);
        events.Add(new BackendEvent.Delta(text));
    }

    /// <summary>A block of text begins.</summary>
    public void BeginText() => _cited.BeginBlock(_open == Open.Text);

    /// <summary>What the block's text rests on.</summary>
    public void Cite(RawJson citations) => _cited.Cite(citations);

    /// <summary>A block of text is over.</summary>
    public void EndText(List<BackendEvent> events)
    {
        if (_open == Open.Text) _cited.Report(events);
        else if (_behindCall.Count == 0) _cited.Drop(); // else its text comes behind the call
    }

    public void Thought(string text, List<BackendEvent> events)
    {
        if (IsInsideCall)
        {
            PutBehind(isThought: true, text);
            return;
        }
        if (_open != Open.Thought) BeginThought(null, events);
        call.Gather(sizeof(char) * (long)text.Length);
        _thought.Append(text);
        events.Add(new BackendEvent.Delta(text));
    }

    /// <summary>A thought that may not be read.</summary>
    public void Redacted(string data, List<BackendEvent> events) => BeginThought(data, events);

    /// <summary>What proves the open thought; one whose text is kept from us has nothing else.</summary>
    public void Sign(string more, List<BackendEvent> events)
    {
        if (IsInsideCall || (_open == Open.Text)) return; // its thought is over
        if (_open != Open.Thought) BeginThought(null, events);
        call.Gather(sizeof(char) * (long)more.Length);
        // Some say it again, or all of it so far; a piece of a few characters may begin like all before it by chance.
        if (_signature.Length >= RepeatedMin && BeginsWithAll(more)) _signature.Clear();
        _signature.Append(more);
    }

    /// <summary>Reads no more of what came before than the piece itself has: pieces may be many and small.</summary>
    private bool BeginsWithAll(string more)
    {
        if (more.Length < _signature.Length) return false;
        var at = 0;
        foreach (var chunk in _signature.GetChunks())
        {
            if (!more.AsSpan(at, chunk.Length).SequenceEqual(chunk.Span)) return false;
            at += chunk.Length;
        }
        return true;
    }

    /// <param name="extra">What else the block says of it.</param>
    public void BeginCall(string name, string? id, RawJson extra, List<BackendEvent> events)
    {
        End(isCut: false, events);
        _open = Open.Call;
        // An id that occurs twice would give two calls one result.
        _call = new CallEvents(name, id is { Length: > 0 } && _callIds.Add(id) ? id : null, extra, call, events);
    }

    /// <summary>False where no call is open.</summary>
    public bool Input(string json, List<BackendEvent> events)
    {
        if (_open != Open.Call) return false;
        _call!.Arguments(json, events);
        return true;
    }

    /// <summary>A block that is passed on as it is.</summary>
    public void Carry(RawJson block, List<BackendEvent> events)
    {
        End(isCut: false, events);
        events.Add(new BackendEvent.CarriedItem(CarriedBlock.Item("assistant", block, ItemId.New("mb_", ids).Value)));
    }

    /// <summary>Ends the open item.</summary>
    /// <param name="isCut">Whether a limit ended the answer here.</param>
    public void End(bool isCut, List<BackendEvent> events)
    {
        var status = isCut ? ItemStatus.Incomplete : ItemStatus.Completed;
        switch (_open)
        {
            case Open.Text:
                _cited.Report(events);
                events.Add(new BackendEvent.ItemDone { Status = status });
                break;
            case Open.Thought: events.Add(new BackendEvent.ItemDone(SealedThought.Item(_thoughtId, _thought.ToString(),
                _signature.Length == 0 ? null : _signature.ToString(), _redacted)) { Status = status }); break;
            case Open.Call:
                _call!.End(events, isCut);
                HasBrokenCall |= !_call.IsWhole;
                break;
        }
        (_open, _call) = (Open.Nothing, null);
        if (_behindCall.Count == 0) return;
        var behind = _behindCall.ToList();
        _behindCall.Clear();
        foreach (var (isThought, text) in behind)
        {
            if (isThought) Thought(text.ToString(), events);
            else Text(text.ToString(), events);
        }
        End(isCut, events);
    }

    private void BeginThought(string? redacted, List<BackendEvent> events)
    {
        End(isCut: false, events);
        (_open, _thoughtId, _redacted) = (Open.Thought, ItemId.New("rs_", ids).Value, redacted);
        _signature.Clear();
        _thought.Clear();
        events.Add(new BackendEvent.ReasoningStarted(_thoughtId));
    }

    private void PutBehind(bool isThought, string text)
    {
        call.Gather(sizeof(char) * (long)text.Length);
        if (_behindCall is not [.., var last] || last.IsThought != isThought) _behindCall.Add(last = (isThought, new StringBuilder()));
        last.Text.Append(text);
    }
}
