namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads the arguments of a call that has begun, and ends it.</summary>
internal interface IArgumentsReader
{
    /// <summary>Reads on; returns how many characters were taken: those behind them wait for more. On BrokenOff they are text.</summary>
    (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast);

    /// <summary>How much of what was not taken is not looked at again.</summary>
    int Looked => 0;

    /// <summary>Ends the call where it stands.</summary>
    void Abandon();
}
