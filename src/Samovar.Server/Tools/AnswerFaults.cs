namespace Samovar.Server.Tools;

/// <summary>What was wrong with the answers to one question.</summary>
internal sealed class AnswerFaults
{
    public Exception? Newest { get; set; }

    /// <summary>Whether the server said that the request was bad: so many say it of a session that they do not know.</summary>
    public bool IsRefused { get; set; }
}

/// <summary>An answer was longer than it may be.</summary>
internal sealed class TooMuchException(int bytesMax) : IOException($"Its answer has more than {bytesMax} bytes.");
