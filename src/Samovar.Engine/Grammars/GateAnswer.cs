namespace Samovar.Engine.Grammars;

/// <summary>What a grammar says to a token.</summary>
internal enum GateAnswer
{
    Allowed,
    Refused,

    /// <summary>The allowance was spent; the same question again goes on where it stopped.</summary>
    Unfinished,
}
