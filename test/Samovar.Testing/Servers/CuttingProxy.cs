using System.Net.Sockets;

namespace Samovar.Testing.Servers;

/// <summary>
/// A network between a client and a server that cuts the first connection after a given number of bytes behind its upgrade, and leaves the
/// others alone until it is told to.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly RelayNetwork _network;
    private readonly int? _down, _up;
    private volatile TaskCompletionSource _speaks = Spoken();

    /// <param name="server">Where the bytes go.</param>
    /// <param name="down">Bytes from the server that still arrive; null: all.</param>
    /// <param name="up">Bytes to the server that still arrive; null: all.</param>
    public CuttingProxy(Uri server, int? down = null, int? up = null)
    {
        (_down, _up) = (down, up);
        _network = new RelayNetwork(server, number => number == 0 ? CarryFirstAsync : CarryAsync);
    }

    /// <inheritdoc cref="RelayNetwork.Address"/>
    public Uri Address => _network.Address;

    /// <inheritdoc cref="RelayNetwork.Server"/>
    public Uri Server { get => _network.Server; set => _network.Server = value; }

    /// <inheritdoc cref="RelayNetwork.IsAway"/>
    public bool IsAway { get => _network.IsAway; set => _network.IsAway = value; }

    /// <inheritdoc cref="RelayNetwork.RefusesWith"/>
    public int? RefusesWith { get => _network.RefusesWith; set => _network.RefusesWith = value; }

    /// <inheritdoc cref="RelayNetwork.Refused"/>
    public int Refused => _network.Refused;

    /// <summary>Whether nothing arrives, and nobody is told: connections stand, and what is sent waits until this is over.</summary>
    public bool IsSilent
    {
        get => !_speaks.Task.IsCompleted;
        set
        {
            if (value && !IsSilent) _speaks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (!value) _speaks.TrySetResult();
        }
    }

    /// <inheritdoc cref="RelayNetwork.Connections"/>
    public int Connections => _network.Connections;

    /// <summary>What the server sent on the first one behind its upgrade, as far as it arrived.</summary>
    public MemoryStream Down { get; } = new();

    /// <summary>What the client sent there.</summary>
    public MemoryStream Up { get; } = new();

    /// <inheritdoc cref="RelayNetwork.Cut"/>
    public void Cut() => _network.Cut();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private Task CarryFirstAsync(Socket client, Socket server, CancellationTokenSource cut) =>
        Task.WhenAll(CopyAsync(server, client, Down, _down, cut), CopyAsync(client, server, Up, _up, cut));

    private Task CarryAsync(Socket client, Socket server, CancellationTokenSource cut) =>
        Task.WhenAll(CopyAsync(server, client, null, null, cut), CopyAsync(client, server, null, null, cut));

    private async Task CopyAsync(Socket from, Socket to, MemoryStream? seen, int? most, CancellationTokenSource cut)
    {
        var head = new List<byte>();
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cut.Token) is > 0 and var read)
            {
                await _speaks.Task.WaitAsync(cut.Token);
                var begin = seen is null ? read : BodyFrom(head, buffer.AsSpan(0, read));
                var body = read - begin;
                var passed = most is { } bytes && seen is not null ? (int)Math.Min(body, bytes - seen.Length) : body;
                seen?.Write(buffer, begin, passed);
                if (begin + passed > 0) await to.SendAsync(buffer.AsMemory(0, begin + passed), cut.Token);
                if (passed < body || most is { } all && seen?.Length == all) break;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // cut
        }
        await cut.CancelAsync();
    }

    /// <summary>Where what follows the upgrade begins.</summary>
    private static int BodyFrom(List<byte> head, ReadOnlySpan<byte> bytes)
    {
        if (head is [.., 13, 10, 13, 10]) return 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            head.Add(bytes[at]);
            if (head is [.., 13, 10, 13, 10]) return at + 1;
        }
        return bytes.Length;
    }

    private static TaskCompletionSource Spoken()
    {
        var spoken = new TaskCompletionSource();
        spoken.SetResult();
        return spoken;
    }
}
