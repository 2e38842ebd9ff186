using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Samovar.Server.Http;

/// <summary>
/// How many connections are open at once, those that became WebSockets too. One more is closed at once: without a handle to take it with
/// the listener would try again without a pause, and whatever else needs one (the key file, the store, an upstream) would fail.
/// </summary>
internal sealed partial class ConnectionBound(int countMax, TimeProvider time, ILogger<ConnectionBound> logger)
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMinutes(1);
    private readonly Lock _noting = new();
    private long? _notedAt;
    private long _refused;
    private int _open;

    /// <summary>Lets what a listener has taken through here.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) > countMax)
            {
                Note();
                await connection.DisposeAsync();
                return;
            }
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };

    /// <summary>Says it once a minute, however many come.</summary>
    private void Note()
    {
        lock (_noting)
        {
            _refused++;
            if (_notedAt is { } at && time.GetElapsedTime(at) < NoteInterval) return;
            Log.Refused(logger, countMax, _refused);
            (_notedAt, _refused) = (time.GetTimestamp(), 0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8311, LogLevel.Warning,
            "{CountMax} connections are open, as many as Server:ConnectionsMax or the process's handles allow: {Refused} more were closed")]
        public static partial void Refused(ILogger logger, int countMax, long refused);
    }
}
