namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What may be a call within a thought turned out to be.</summary>
internal enum DraftVerdict { Open, Thought, Call }

/// <summary>
/// Reads on from what opens calls within a thought, and says whether it is a call or was only thought of; nothing of it is sent.
/// </summary>
/// <param name="sink">Knows the tools.</param>
/// <param name="parser">Reads what is fed as a text would be read.</param>
/// <param name="opening">Characters of what opens it.</param>
/// <param name="isCallAtOnce">Whether a call ends the thought as soon as it names a tool; else where the output ends behind it.</param>
internal sealed class DraftedCall(DraftSink sink, OutputParser parser, int opening, bool isCallAtOnce)
{
    private int _fed;

    public int Opening => opening;

    /// <summary>Reads on; the same characters come again in front, with more behind them.</summary>
    public DraftVerdict Read(ReadOnlySpan<char> held)
    {
        if (held.Length > _fed) parser.Feed(held[_fed..].ToString());
        _fed = Math.Max(_fed, held.Length);
        return isCallAtOnce ? sink.First : sink.First == DraftVerdict.Thought || sink.HasSaid ? DraftVerdict.Thought : DraftVerdict.Open;
    }

    /// <summary>Nothing more will come.</summary>
    public DraftVerdict End()
    {
        parser.End();
        return sink.First == DraftVerdict.Call && (isCallAtOnce || !sink.HasSaid) ? DraftVerdict.Call : DraftVerdict.Thought;
    }
}

/// <summary>Sees whether calls or words come first, and whether words come at all; passes nothing on.</summary>
internal sealed class DraftSink(IOutputSink inner) : IOutputSink
{
    /// <summary>What came first.</summary>
    public DraftVerdict First { get; private set; }

    /// <summary>Whether there are words beside the calls.</summary>
    public bool HasSaid { get; private set; }

    public void Text(ReadOnlySpan<char> text)
    {
        if (text.IsWhiteSpace()) return;
        HasSaid = true;
        See(DraftVerdict.Thought);
    }

    public void Reasoning(ReadOnlySpan<char> text) => Text(text);

    public bool BeginCall(string name)
    {
        if (!inner.IsOffered(name)) return false;
        See(DraftVerdict.Call);
        return true;
    }

    public bool Offers(ReadOnlySpan<char> nameBeginning) => inner.Offers(nameBeginning);

    public bool IsOffered(string name) => inner.IsOffered(name);

    public ArgumentTypes TypesOf(string name) => inner.TypesOf(name);

    public void Arguments(ReadOnlySpan<char> json) { }

    public void EndCall(bool isWhole = true) { }

    private void See(DraftVerdict verdict)
    {
        if (First == DraftVerdict.Open) First = verdict;
    }
}
