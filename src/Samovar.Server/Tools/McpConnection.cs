using ModelContextProtocol.Client;

namespace Samovar.Server.Tools;

/// <summary>What a session with an MCP server runs on.</summary>
/// <param name="Client">Speaks the protocol.</param>
/// <param name="Transport">Carries what it says.</param>
/// <param name="Answers">Bounds what comes back.</param>
/// <param name="Watch">Hears of changes of the list.</param>
internal sealed record McpConnection(McpClient Client, HttpClientTransport Transport, BoundedAnswers Answers, ListWatch Watch)
    : IAsyncDisposable
{
    /// <summary>Whether nothing more can be asked on it.</summary>
    public bool IsOver => Answers.IsForgotten || Client.Completion.IsCompleted;

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await Client.DisposeAsync();
        await Transport.DisposeAsync();
    }
}
