namespace Samovar.Server.Http;

/// <summary>When a client that waits must hear something: <c>Http:KeepAliveInterval</c>.</summary>
internal static class KeepAlive
{
    /// <summary>Waits for what the client waits for. True: it has not come, and the client has heard nothing for long enough.</summary>
    /// <remarks>How it ends is its owner's to see: this throws it too.</remarks>
    public static async ValueTask<bool> IsDueAsync(Task awaited, HttpOptions options, TimeProvider time)
    {
        try
        {
            await awaited.WaitAsync(options.KeepAliveInterval, time);
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }
}
