using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>
/// What the text of a block rests on. It is reported when the block is over: only then it is known how far the text goes, for some cite
/// before they speak.
/// </summary>
internal sealed class CitedText(UpstreamCall call)
{
    private readonly List<RawJson> _citations = [];
    private int _said; // of the open message
    private int _start; // where the block begins in it

    /// <summary>A message begins.</summary>
    public void BeginMessage() => (_said, _start) = (0, 0);

    /// <summary>A block begins, in the open message or in one to come.</summary>
    public void BeginBlock(bool isInMessage) => _start = isInMessage ? _said : 0;

    public void Say(string text) => _said += text.Length;

    /// <summary>The block rests on these; what is no object, or nested too deep for clients, is left out.</summary>
    /// <param name="citations">A list, or one.</param>
    public void Cite(RawJson citations)
    {
        foreach (var citation in citations.ElementsOrSelf())
        {
            if (!EventCheck.FitsInside(citation)) continue;
            call.Gather(citation.Utf8.Length);
            _citations.Add(citation.Copied());
        }
    }

    /// <summary>The block is over, its message open.</summary>
    public void Report(List<BackendEvent> events)
    {
        foreach (var citation in _citations) events.Add(new BackendEvent.Annotation(Citation.Annotation(citation, _start, _said)));
        _citations.Clear();
    }

    /// <summary>The block is over, and nothing was said in it.</summary>
    public void Drop() => _citations.Clear();
}
