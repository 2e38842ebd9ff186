namespace Samovar.Engine.Grammars;

/// <summary>A grammar that cannot be used, or that costs more than its bounds; never leaves this folder. The message is for the request's
/// author.</summary>
internal sealed class GrammarFaultException(string message) : Exception(message);
