using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Samovar.Running;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>Tells a server that calls were cancelled, where the end of their requests does not.</summary>
/// <remarks>Nobody waits for a notice but the session's end, and that not for long.</remarks>
internal sealed class CancelNotices(McpConnection connection, ToolOptions options, TimeProvider time) : IAsyncDisposable
{
    private const string Reason = "Nobody waits for it any more.";
    private readonly KeptTasks _sending = new();

    /// <summary>Nobody waits for a call.</summary>
    public void Begin(RequestId call)
    {
        if (connection.IsOver || ProtocolVersions.AreWithoutSessions(connection.Client)) return;
        _sending.Add(SendAsync(call));
    }

    public ValueTask DisposeAsync() => new(_sending.IdleAsync());

    private async Task SendAsync(RequestId call)
    {
        try
        {
            using var deadline = new CancellationTokenSource(options.CloseTimeMax, time);
            await connection.Client.SendNotificationAsync(NotificationMethods.CancelledNotification,
                new CancelledNotificationParams { RequestId = call, Reason = Reason }, cancellationToken: deadline.Token);
        }
        catch (Exception failed) when (failed is OperationCanceledException or HttpRequestException or IOException or McpException
            or InvalidOperationException)
        {
            // it need not know
        }
    }
}
