using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Sampling;
using Samovar.Engine;

namespace Samovar.Backends.Embedded;

/// <summary>One turn's output on its way from sampled tokens to backend events.</summary>
internal sealed class OutputReading(OutputParser parser, StopTexts stops, OutputSink sink, PieceText pieces, SpelledMarks spelled)
{
    private int _tokens;
    private int? _tokensUsed;

    public OutputSink Sink => sink;

    /// <summary>Whether every token that was sampled has been read.</summary>
    public bool IsAllOf(EngineTurnEnd end) => _tokens == end.OutputTokens;

    /// <summary>The text of <c>stop</c> that ended the answer.</summary>
    public string? StopSequence => stops.Found;

    /// <summary>Whether the answer ended before all that was sampled.</summary>
    public bool IsEndedBefore => stops.Found is not null || parser.IsOver;

    /// <summary>Whether nothing more of the turn would be reported.</summary>
    public bool IsOver => sink.IsFull || IsEndedBefore;

    /// <summary>Tokens of the answer: where it ended before all that was sampled, those up to its end. How far the engine was ahead then
    /// is its own affair.</summary>
    public int TokensOf(EngineTurnEnd end) => _tokensUsed ?? end.OutputTokens;

    /// <summary>Tokens that were thought rather than said.</summary>
    public int ReasoningTokens { get; private set; }

    public IReadOnlyList<BackendEvent> Read(TokenStep step)
    {
        _tokens++;
        if (step.IsEnd || IsEndedBefore) return [];
        if (LogprobWriter.Write(step) is { } logprob) sink.AddLogprob(logprob, stops.CharactersRead);
        var wasReasoning = parser.InReasoning;
        parser.Feed(spelled.Cut(step.Token, pieces.Next(step)));
        if (wasReasoning || parser.InReasoning) ReasoningTokens++;
        if (IsOver) _tokensUsed ??= _tokens;
        return sink.Drain();
    }

    /// <summary>Whether the model wrote a call, the beginning of one, or of a tag, that is not sent.</summary>
    public bool LeftMarkup => parser.LeftMarkup || sink.HasWithheld;

    /// <summary>What was still held back; an item that was cut off stays open, so that the response says it is incomplete.</summary>
    /// <inheritdoc cref="End" path="/param"/>
    public IEnumerable<BackendEvent> LastWords(bool isCut) =>
        End(isCut) is var reported && isCut && reported is [.., BackendEvent.ItemDone] ? reported.SkipLast(1) : reported;

    /// <param name="isCut">Whether a limit ended the answer, not the model.</param>
    public IReadOnlyList<BackendEvent> End(bool isCut)
    {
        parser.Feed(pieces.Flush());
        sink.IsCut = isCut;
        if (isCut) parser.Cut();
        else parser.End();
        stops.Release();
        sink.End(isTextWhole: !parser.LeftMarkup);
        return sink.Drain();
    }
}
