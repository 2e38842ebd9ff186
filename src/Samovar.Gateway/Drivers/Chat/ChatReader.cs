using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>
/// Reads the chunks of a chat completion, or a whole one, into the core's events: reasoning, text and calls one after another.
/// </summary>
internal sealed class ChatReader
{
    private readonly UpstreamCall _call;
    private readonly ChatOutput _output;
    private readonly ChatContent _content;
    private readonly ChatCalls _calls;
    private readonly ChatAnnotations _annotations;
    private readonly ChatChoices _choices;
    private AnswerEnd? _end;
    private Usage? _usage;
    private string _endReason = "";
    private bool _isOneMessage; // all that was said stood in it
    private bool _isAccepted;
    private bool _hasPlainPiece; // something was said without a reason to end
    private bool _goesOn; // something was said behind one

    public ChatReader(UpstreamCall call)
    {
        _call = call;
        _output = new ChatOutput(call);
        _content = new ChatContent(call, _output);
        _calls = new ChatCalls(call, _output);
        _annotations = new ChatAnnotations(call, _output);
        _choices = new ChatChoices(call);
    }

    /// <summary>The last figures; null where the upstream gave none, or half of them.</summary>
    public Usage? Usage => TokenCount.Whole(_usage);

    /// <summary>Whether the answer has finished, as far as its reasons to end tell.</summary>
    public FinishSign Sign => _end is null || _goesOn ? FinishSign.None : _hasPlainPiece ? FinishSign.Sure : FinishSign.InDoubt;

    /// <summary>Engines name the text that ended the answer; providers do not.</summary>
    public string? StopSequence { get; private set; }

    public string? IncompleteReason { get; private set; }

    /// <exception cref="UpstreamException">The upstream reports a failure, or what it says makes no sense.</exception>
    public void Read(RawJson chunk, List<BackendEvent> events)
    {
        var fields = ChatChunk.Of(chunk);
        if (ChatFaults.Of(chunk, fields, _call.Time.GetUtcNow()) is { } fault)
        {
            if (Sign != FinishSign.Sure || _end != AnswerEnd.Complete) throw new UpstreamException(fault);
            _call.Drop(EventDrop.NoItem); // what breaks behind a whole answer takes nothing of it back
            return;
        }
        if (fields.Choices.IsSet()) Accept(fields.Model.AsText(), events);
        foreach (var choice in _choices.Told(fields.Choices).DefaultIfEmpty()) Read(fields, choice, events);
    }

    private void Read(ChatChunk fields, RawJson json, List<BackendEvent> events)
    {
        var choice = ChatChoice.Of(json);
        if (ChatUsageReader.Of(fields, choice) is { } usage) _call.Usage = _usage = ChatUsageReader.Newest(_usage, usage);
        if (ChatFaults.OfChoice(json, choice, _call.Time.GetUtcNow()) is { } broken) throw new UpstreamException(broken);
        var (pieces, wasFinished) = (_output.Pieces, _end is not null);
        ReadChoice(choice, events);
        var finish = ChatFinish.Of(choice, _call.Turn.Request.Stop);
        var reason = finish.Reason;
        End(reason);
        if (_output.Pieces > pieces) Said(wasFinished, hasReason: FinishReasons.Of(reason) is not null);
        StopSequence = finish.StopSequence ?? StopSequence;
    }

    /// <summary>The stream has ended.</summary>
    /// <param name="isMarked">Whether it ended with the mark that ends a stream.</param>
    /// <exception cref="UpstreamException">The answer is not whole.</exception>
    /// <exception cref="IOException">There is none.</exception>
    public void End(bool isMarked, List<BackendEvent> events)
    {
        if (_end == AnswerEnd.Broken) throw FinishReasons.Fault(_endReason);
        var isCut = _end is not (null or AnswerEnd.Complete);
        var isCalling = FinishReasons.IsCalling(_endReason);
        if (isCalling && !_calls.HaveBegun) ReadCallsBeside(events);
        _calls.End(isCut, events);
        if (isCalling && !_calls.HaveBegun)
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "It says that it calls a tool, and sent no call."));
        var end = _end ?? UnsaidEnd(isMarked);
        _output.End(isCut, events);
        // A call that never came to its end was cut off, whatever the upstream says of it.
        IncompleteReason = FinishReasons.IncompleteReason(_output.HasBrokenCall && !isCut ? AnswerEnd.CutByLimit : end);
    }

    /// <summary>How an answer ended that does not say it.</summary>
    private AnswerEnd UnsaidEnd(bool isMarked) => (isMarked, IsEmpty: _output.IsEmpty) switch
    {
        (true, IsEmpty: false) => AnswerEnd.Complete,
        (false, IsEmpty: false) when _output.EndsWithWholeCall || _isOneMessage => AnswerEnd.Complete,
        (true, IsEmpty: true) => throw Unclear("It ended its stream without an answer."),
        (false, IsEmpty: false) => throw Unclear("It closed its stream without saying that the answer is whole."),
        _ => throw new IOException("The stream ended before the answer began."),
    };

    private static UpstreamException Unclear(string message) => new(new UpstreamFault(FaultKind.Malformed, message));

    /// <summary>Some have one message's text in a choice, and its calls in the next.</summary>
    private void ReadCallsBeside(List<BackendEvent> events)
    {
        foreach (var beside in _choices.Beside)
        {
            var choice = ChatChoice.Of(beside);
            var isMessage = !choice.Delta.IsSet();
            _calls.Read(ChatMessageParts.Of(isMessage ? choice.Message : choice.Delta), isMessage, events);
        }
    }

    private void ReadChoice(ChatChoice choice, List<BackendEvent> events)
    {
        var (logprobs, pieces, isFirst) = (choice.Logprobs.Field("content"u8).Copied(), _output.Pieces, _output.IsEmpty);
        if (choice.Delta.IsSet()) ReadMessage(ChatMessageParts.Of(choice.Delta), logprobs, isMessage: false, events);
        var isMessage = _output.Pieces == pieces && choice.Message.IsSet(); // some have an empty delta beside it, too
        if (isMessage) ReadMessage(ChatMessageParts.Of(choice.Message), logprobs, isMessage: true, events);
        else if (!choice.Delta.IsSet() && choice.Text.AsPiece() is { Length: > 0 } text) _output.Say(text, logprobs, events);
        if (_output.Pieces > pieces) _isOneMessage = isMessage && isFirst;
    }

    private void ReadMessage(ChatMessageParts message, RawJson logprobs, bool isMessage, List<BackendEvent> events)
    {
        _content.Read(message, logprobs, isMessage, events);
        _annotations.Read(message.Annotations, events);
        _calls.Read(message, isMessage, events);
    }

    private void Accept(string? model, List<BackendEvent> events)
    {
        if (_isAccepted) return;
        _isAccepted = true;
        _call.Reach(CallPhase.Created);
        events.Add(new BackendEvent.Accepted(model is { Length: > 0 } ? model : _call.Model));
    }

    /// <summary>What is said behind a reason to end shows that it was none: it comes with every piece.</summary>
    private void Said(bool wasFinished, bool hasReason)
    {
        _goesOn |= wasFinished;
        _hasPlainPiece |= !hasReason;
    }

    /// <summary>Of several reasons the worst counts: a proxy's own "stop" does not make a cut answer whole.</summary>
    private void End(string? reason)
    {
        if (FinishReasons.Of(reason) is not { } end || end < _end) return;
        (_end, _endReason) = (end, reason!);
    }
}
