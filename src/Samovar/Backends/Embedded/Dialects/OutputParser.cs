namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads a model's output as it comes and tells text, reasoning and calls apart. One for each turn.</summary>
/// <remarks>
/// What is read depends on the text alone, never on how it came in pieces: a step decides only when enough is there to decide, and holds
/// back what follows. Nothing that was written is lost: what turns out not to be a call is sent as text.
/// </remarks>
internal abstract class OutputParser(IOutputSink sink)
{
    private const int BufferCharsMin = 256;

    private char[] _buffer = [];
    private int _at;
    private int _end;

    /// <summary>Whether the model is thinking at this point, for the count of reasoning tokens.</summary>
    public bool InReasoning { get; protected set; }

    /// <summary>Whether the answer has ended though the model writes on: nothing more is read of what it writes.</summary>
    public bool IsOver { get; protected set; }

    protected IOutputSink Sink => sink;

    /// <summary>What is not yet read.</summary>
    protected ReadOnlySpan<char> Remaining => _buffer.AsSpan(_at, HeldChars);

    /// <summary>How much of it was looked at and is not looked at again; nothing once some of it is taken.</summary>
    protected int Looked { get; set; }

    /// <summary>Characters that steps had before them, those that are looked at again each time: what reading cost.</summary>
    public long CharsRead { get; private set; }

    /// <summary>Characters that wait for what follows them.</summary>
    public int HeldChars => _end - _at;

    public void Feed(string text)
    {
        if (_end + text.Length > _buffer.Length) MoveTo(0, text.Length);
        text.CopyTo(_buffer.AsSpan(_end));
        _end += text.Length;
        while (Goes(isLast: false)) { }
    }

    private bool Goes(bool isLast)
    {
        CharsRead += HeldChars - Looked;
        return Step(isLast);
    }

    /// <summary>Moves what is not yet read so that there is room before and behind it.</summary>
    private void MoveTo(int before, int behind)
    {
        var held = Remaining;
        var wanted = before + held.Length + behind;
        var buffer = wanted <= _buffer.Length / 2 ? _buffer : new char[Math.Max(BufferCharsMin, wanted * 2)];
        held.CopyTo(buffer.AsSpan(before));
        (_buffer, _at, _end) = (buffer, before, before + held.Length);
    }

    /// <summary>Whether a limit came while markup was being written: it was the beginning of something that nobody can name.</summary>
    public bool LeftMarkup { get; private set; }

    /// <summary>Nothing more will come: the model ended its answer, and what is not a whole call is text.</summary>
    public void End()
    {
        while (Goes(isLast: true)) { }
        if (!Remaining.IsEmpty) sink.Text(Remaining);
        Take(Remaining.Length);
        Close();
    }

    /// <summary>
    /// A limit cut the answer off. A call whose name is known ends where it stands; of what would have become a call or a tag nothing is
    /// sent.
    /// </summary>
    public void Cut()
    {
        BeginCut();
        if (!Remaining.IsEmpty && IsMarkup(Remaining)) LeftMarkup = true;
        else if (!Remaining.IsEmpty) sink.Text(Remaining);
        Take(Remaining.Length);
        CutCall();
    }

    /// <summary>Whether what is held back at a cut is the beginning of markup.</summary>
    protected virtual bool IsMarkup(ReadOnlySpan<char> held) => InReasoning || sink.Offers("");

    /// <summary>Sends what was kept before what is left, where it cannot become a call.</summary>
    protected virtual void BeginCut() { }

    /// <summary>Ends a call that is cut off.</summary>
    protected abstract void CutCall();

    /// <summary>Ends a call where it stands; of one whose name is not known nothing is sent, unless it cannot have been one.</summary>
    protected void Cut(CallReader? call, string opening)
    {
        if (call?.TryCut() ?? opening.Length == 0) return;
        if (call?.MayBecomeCall ?? sink.Offers("")) LeftMarkup = true;
        else sink.Text(opening + call?.Raw);
    }

    /// <summary>Reads on. False when nothing can be decided without more text.</summary>
    protected abstract bool Step(bool isLast);

    /// <summary>Ends what is open.</summary>
    protected abstract void Close();

    protected void Take(int chars)
    {
        if (chars == 0) return;
        _at += chars;
        Looked = 0;
    }

    /// <summary>Takes all that there is and does nothing with it.</summary>
    protected bool Drop()
    {
        Take(Remaining.Length);
        return false;
    }

    /// <summary>Puts a text that was taken back in front of what is left.</summary>
    protected void PutBack(string text)
    {
        if (_at < text.Length) MoveTo(text.Length, 0);
        _at -= text.Length;
        text.CopyTo(_buffer.AsSpan(_at));
        Looked = 0;
    }

    /// <summary>Whether what is left begins with this text; null while that is still open.</summary>
    protected bool? Begins(string text, bool isLast)
    {
        if (Remaining.StartsWith(text, StringComparison.Ordinal)) return true;
        return !isLast && text.AsSpan().StartsWith(Remaining, StringComparison.Ordinal) ? null : false;
    }

    /// <summary>Sends the thought up to the closing tag and takes the tag; false while it has not come.</summary>
    protected bool ReadReasoning(string close, bool isLast)
    {
        var (at, found) = Openers.Find(Remaining, [close], isLast);
        if (at > 0) sink.Reasoning(Remaining[..at]);
        Take(at + (found?.Length ?? 0));
        return found is not null;
    }

    protected static int LeadingSpace(ReadOnlySpan<char> text) => text.Length - text.TrimStart().Length;
}
