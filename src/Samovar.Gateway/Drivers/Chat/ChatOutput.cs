using Samovar.Backends;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>
/// Puts thought, text and calls, which upstreams may mix piece by piece, into items one after another: what comes while a call is not
/// whole waits until it is.
/// </summary>
internal sealed class ChatOutput(UpstreamCall call)
{
    private readonly Queue<Part> _waiting = new();
    private readonly List<BackendEvent> _early = []; // annotations of a message to come
    private Part? _open;

    /// <summary>How many pieces of the answer came.</summary>
    public int Pieces { get; private set; }

    /// <summary>Whether a call ended without its arguments having come to their end.</summary>
    public bool HasBrokenCall { get; private set; }

    /// <summary>Whether nothing was reported, and nothing waits to be.</summary>
    public bool IsEmpty { get; private set; } = true;

    public void Think(string thought, List<BackendEvent> events) =>
        Say(PartKind.Thought, new BackendEvent.Delta(thought), string.IsNullOrWhiteSpace(thought), thought.Length, events);

    public void Say(string text, Protocol.Json.RawJson logprobs, List<BackendEvent> events) =>
        Say(PartKind.Text, new BackendEvent.Delta(text, logprobs), string.IsNullOrWhiteSpace(text), text.Length, events);

    public void Refuse(string refusal, List<BackendEvent> events) =>
        Say(PartKind.Text, new BackendEvent.RefusalDelta(refusal), isBlank: false, refusal.Length, events);

    /// <summary>
    /// What the newest message's text rests on, or that of the first to come. Behind a call it is nobody's, and begins no message.
    /// </summary>
    public void Annotate(BackendEvent.Annotation annotation, List<BackendEvent> events)
    {
        var waiting = _waiting.LastOrDefault();
        switch ((waiting ?? _open)?.Kind)
        {
            case PartKind.Text: (waiting?.Held ?? events).Add(annotation); break;
            case PartKind.Call: call.Drop(Faults.EventDrop.Ended); break;
            default: _early.Add(annotation); break;
        }
    }

    /// <summary>Whether the last that came is a call with all of its arguments.</summary>
    public bool EndsWithWholeCall => _open?.Call is { IsWhole: true } && _waiting.Count == 0;

    /// <summary>Another call begins.</summary>
    public CallEvents Begin(string name, string? callId, List<BackendEvent> events)
    {
        Pieces++;
        var part = new Part(PartKind.Call);
        var current = part.Call = new CallEvents(name, callId, extra: default, call, part.Held);
        Add(part, events);
        return current;
    }

    /// <summary>More of a call's arguments; what comes behind their end is left out.</summary>
    public void More(CallEvents current, string arguments, List<BackendEvent> events)
    {
        if (!current.IsWhole) Pieces++;
        if (_open?.Call == current)
        {
            current.Arguments(arguments, events);
            Advance(events);
        }
        else if (_waiting.FirstOrDefault(part => part.Call == current) is { } waiting)
        {
            call.Gather(sizeof(char) * (long)arguments.Length);
            current.Arguments(arguments, waiting.Held);
        }
    }

    /// <summary>The answer has ended.</summary>
    /// <param name="isCut">By a limit or a filter: what it cut off stays open, so that it is reported as incomplete.</param>
    public void End(bool isCut, List<BackendEvent> events)
    {
        while (_waiting.Count > 0)
        {
            Close(isCut, events);
            Open(_waiting.Dequeue(), events);
        }
        if (!isCut || _open?.Call is not null) Close(isCut, events);
    }

    private void Say(PartKind kind, BackendEvent delta, bool isBlank, int length, List<BackendEvent> events)
    {
        IsEmpty = false;
        Pieces++;
        if (_waiting.Count == 0 && _open?.Kind == kind)
        {
            events.Add(delta);
            return;
        }
        var isHeld = IsWaitedFor;
        if (isHeld && isBlank && _waiting.LastOrDefault()?.Kind != kind) return; // engines put line breaks between the pieces of a call
        if (isHeld) call.Gather(sizeof(char) * (long)length);
        if (isHeld && _waiting.LastOrDefault() is { } last && last.Kind == kind)
        {
            last.Held.Add(delta);
            return;
        }
        var part = new Part(kind);
        part.Held.Add(kind == PartKind.Thought ? new BackendEvent.ReasoningStarted() : new BackendEvent.MessageStarted());
        part.Held.Add(delta);
        if (kind == PartKind.Text)
        {
            part.Held.AddRange(_early);
            _early.Clear();
        }
        Add(part, events);
    }

    /// <summary>Whether the open item is a call whose other pieces are still to come.</summary>
    private bool IsWaitedFor => _open?.Call is { IsWhole: false };

    private void Add(Part part, List<BackendEvent> events)
    {
        IsEmpty = false;
        _waiting.Enqueue(part);
        Advance(events);
    }

    private void Advance(List<BackendEvent> events)
    {
        while (_waiting.Count > 0 && !IsWaitedFor)
        {
            Close(isCut: false, events);
            Open(_waiting.Dequeue(), events);
        }
    }

    private void Open(Part part, List<BackendEvent> events)
    {
        _open = part;
        events.AddRange(part.Held);
        part.Held.Clear();
    }

    private void Close(bool isCut, List<BackendEvent> events)
    {
        if (_open?.Call is { } current)
        {
            current.End(events, isCut);
            HasBrokenCall |= !current.IsWhole;
        }
        else if (_open is not null) events.Add(new BackendEvent.ItemDone());
        _open = null;
    }

    private enum PartKind { Thought, Text, Call }

    /// <summary>One item; what is held of it is reported when its turn comes.</summary>
    private sealed class Part(PartKind kind)
    {
        public PartKind Kind { get; } = kind;
        public List<BackendEvent> Held { get; } = [];
        public CallEvents? Call { get; set; }
    }
}
