namespace Samovar.Engine;

/// <summary>The library or the model cannot be used; the message is for the operator.</summary>
public sealed class EngineLoadException : Exception
{
    public EngineLoadException(string message) : base(message) { }

    public EngineLoadException(string message, Exception inner) : base(message, inner) { }
}
