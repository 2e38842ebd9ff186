namespace Samovar.Turns;

/// <summary>When a request came in, by <c>TimeProvider.GetTimestamp</c>.</summary>
/// <param name="FirstByteAt">Its first byte was there.</param>
/// <param name="LastByteAt">Its last one was.</param>
/// <param name="ReadAt">It was read and checked.</param>
internal readonly record struct RequestIntake(long FirstByteAt, long LastByteAt, long ReadAt);
