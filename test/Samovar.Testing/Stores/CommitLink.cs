using System.Net;
using System.Net.Sockets;

namespace Samovar.Testing.Stores;

/// <summary>Where a link breaks when a commit passes it.</summary>
internal enum CommitCut
{
    /// <summary>The commit never arrives.</summary>
    Before,

    /// <summary>The commit is made, and nobody learns of it.</summary>
    After,
}

/// <summary>A network between a client and PostgreSQL that breaks at a commit, as often as it is asked to.</summary>
internal sealed class CommitLink : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Task _accepting;
    private Cutting? _next;

    public CommitLink(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next commit meets it.</summary>
    /// <returns>When it has.</returns>
    public Task CutNextAsync(CommitCut cut)
    {
        var cutting = new Cutting(cut);
        Volatile.Write(ref _next, cutting);
        return cutting.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _ended.Cancel();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true) links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using var server = new TcpClient();
        Cutting? cutting = null;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            var there = PassAsync(client.GetStream(), server.GetStream(), Meets, over.Token);
            var back = PassAsync(server.GetStream(), client.GetStream(), _ => Volatile.Read(ref cutting) is not null, over.Token);
            await Task.WhenAny(there, back);
            over.Cancel();
            await Task.WhenAll(there, back);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // the server is not there
        }
        finally
        {
            client.Dispose();
            cutting?.Done.TrySetResult();
        }

        bool Meets(ReadOnlySpan<byte> sent)
        {
            if (sent.IndexOf("COMMIT\0"u8) < 0 || Interlocked.Exchange(ref _next, null) is not { } next) return false;
            Volatile.Write(ref cutting, next); // its answer goes nowhere
            return next.Cut == CommitCut.Before;
        }
    }

    /// <param name="ends">Whether what has come goes no further, and the link with it.</param>
    private static async Task PassAsync(NetworkStream from, NetworkStream to, End ends, CancellationToken over)
    {
        var bytes = new byte[16 << 10];
        try
        {
            while (await from.ReadAsync(bytes, over) is > 0 and var count && !ends(bytes.AsSpan(0, count)))
                await to.WriteAsync(bytes.AsMemory(0, count), over);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // one of the two has gone
        }
    }

    private delegate bool End(ReadOnlySpan<byte> bytes);

    private sealed record Cutting(CommitCut Cut)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
