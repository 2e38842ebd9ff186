namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Follows a text line by line and knows whether it is inside a quotation of code (<c>```</c>).</summary>
internal struct FenceCursor
{
    private const int Ticks = 3;

    private int _ticks; // at the line's start
    private bool _isPastStart;

    public bool IsInside { get; private set; }

    public void Feed(ReadOnlySpan<char> text)
    {
        foreach (var one in text)
        {
            if (one == '\n') (_ticks, _isPastStart) = (0, false);
            else if (_isPastStart) continue;
            else if (one == '`' && ++_ticks == Ticks) (IsInside, _isPastStart) = (!IsInside, true);
            else if (one != '`' && (_ticks > 0 || one is not (>= '\t' and <= '\r' or ' '))) _isPastStart = true; // as triggers are watched
        }
    }
}
