namespace Samovar.Server.Tools;

/// <summary>What was wrong with the answers to one question.</summary>
internal sealed class AnswerFaults
{
    public Exception? Newest { get; set; }
}

/// <summary>An answer was longer than it may be.</summary>
internal sealed class TooMuchException(int bytesMax) : IOException($"Its answer has more than {bytesMax} bytes.");
