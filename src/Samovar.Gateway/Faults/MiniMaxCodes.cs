using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>What MiniMax says of a request under a 200, in numbers of its own, as the status that others have for it.</summary>
internal static class MiniMaxCodes
{
    /// <param name="outcome">Its <c>base_resp</c>.</param>
    /// <returns>0 where the number says nothing more than that it failed.</returns>
    public static int StatusOf(RawJson outcome) => outcome.Number("status_code"u8) switch
    {
        1002 or 1039 or 1041 or 2056 => 429, // requests, tokens, connections, the plan
        1004 or 2049 => 401,
        1008 => 402,
        1026 or 1042 or 2013 => 400, // what was asked: its content, its characters, its fields; 1027 is what was answered
        _ => 0,
    };

    /// <summary>Whether it failed: every answer has the field.</summary>
    public static bool IsFault(RawJson outcome) => outcome.Number("status_code"u8) is not (null or 0);
}
