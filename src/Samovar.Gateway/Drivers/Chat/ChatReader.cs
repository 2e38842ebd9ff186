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
    private AnswerEnd? _end;
    private Usage? _usage;
    private string _endReason = "";
    private string _wholeText = ""; // of a message that came as one
    private bool _isAccepted;
    private bool _hasPlainPiece; // something was said without a reason to end
    private bool _goesOn; // something was said behind one
    private int? _choice; // the index of the one that is told

    public ChatReader(UpstreamCall call)
    {
        _call = call;
        _output = new ChatOutput(call);
        _content = new ChatContent(call, _output);
        _calls = new ChatCalls(call, _output);
        _annotations = new ChatAnnotations(call, _output);
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
        var first = Ours(fields.Choices);
        var choice = ChatChoice.Of(first);
        if (ChatUsageReader.Of(fields, choice) is { } usage) _call.Usage = _usage = ChatUsageReader.Newest(_usage, usage);
        if (ChatFaults.OfChoice(first, choice, _call.Time.GetUtcNow()) is { } broken) throw new UpstreamException(broken);
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
        _calls.End(isCut, events);
        if (_output.IsEmpty && FinishReasons.IsCalling(_endReason))
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
        (false, IsEmpty: false) when _output.EndsWithWholeCall || _wholeText.Length > 0 => AnswerEnd.Complete,
        (true, IsEmpty: true) => throw Unclear("It ended its stream without an answer."),
        (false, IsEmpty: false) => throw Unclear("It closed its stream without saying that the answer is whole."),
        _ => throw new IOException("The stream ended before the answer began."),
    };

    private static UpstreamException Unclear(string message) => new(new UpstreamFault(FaultKind.Malformed, message));

    /// <summary>The choice that is told: some send several, in one chunk or in chunks of their own.</summary>
    private RawJson Ours(RawJson choices)
    {
        var first = choices.First();
        if (first.IsEmpty) return first;
        _choice ??= choices.Elements().Min(choice => choice.Number("index"u8) ?? 0);
        if ((first.Number("index"u8) ?? _choice) == _choice) return first;
        return choices.Elements().FirstOrDefault(choice => choice.Number("index"u8) == _choice);
    }

    private void ReadChoice(ChatChoice choice, List<BackendEvent> events)
    {
        var (logprobs, pieces) = (choice.Logprobs.Field("content"u8).Copied(), _output.Pieces);
        if (choice.Delta.IsSet()) ReadMessage(ChatMessageParts.Of(choice.Delta), logprobs, isWhole: false, events);
        if (_output.Pieces > pieces) _wholeText = ""; // what a message has from now on came by deltas
        else if (choice.Message.IsSet()) ReadWhole(ChatMessageParts.Of(choice.Message), logprobs, events); // some have an empty delta, too
        else if (!choice.Delta.IsSet() && choice.Text.AsPiece() is { Length: > 0 } text) _output.Say(text, logprobs, events);
    }

    /// <summary>A message in one piece: new where nothing came before; where messages grow, what is new of it.</summary>
    private void ReadWhole(ChatMessageParts message, RawJson logprobs, List<BackendEvent> events)
    {
        var text = message.Content.AsPiece() ?? "";
        if (_output.IsEmpty) ReadMessage(message, logprobs, isWhole: true, events);
        else
        {
            var grows = _wholeText.Length > 0 && text.Length > _wholeText.Length && text.StartsWith(_wholeText, StringComparison.Ordinal);
            if (grows) _output.Say(text[_wholeText.Length..], default, events);
            _annotations.Read(message.Annotations, events);
            if (!grows) return; // repeats what came by deltas
        }
        _call.Gather(sizeof(char) * (long)(text.Length - _wholeText.Length));
        _wholeText = text;
    }

    private void ReadMessage(ChatMessageParts message, RawJson logprobs, bool isWhole, List<BackendEvent> events)
    {
        _content.Read(message, logprobs, events);
        _annotations.Read(message.Annotations, events);
        var place = 0;
        foreach (var piece in message.ToolCalls.ElementsOrSelf()) _calls.Read(piece, isWhole ? place++ : null, events);
        if (message.FunctionCall.IsSet()) _calls.Read(message.FunctionCall, place, events);
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
