namespace Samovar.Running;

/// <summary>Turns whose events can be read again.</summary>
/// <param name="Running">Of them, those that run or wait.</param>
/// <param name="Over">And those that are over.</param>
/// <param name="Bytes">Of their events.</param>
/// <param name="BytesMax">Of them, at most.</param>
/// <param name="Resumed">Times that somebody read one again.</param>
internal readonly record struct ReplayFigures(int Running, int Over, long Bytes, long BytesMax, long Resumed);
