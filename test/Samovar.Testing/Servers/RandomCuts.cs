using System.Net.Sockets;

namespace Samovar.Testing.Servers;

/// <summary>
/// A network that resets connections after seeded numbers of bytes, upgrades included; after so many in a row one is left alone, so that
/// whoever tries on gets through.
/// </summary>
public sealed class RandomCuts : IAsyncDisposable
{
    private const int InARowMax = 5;
    private readonly RelayNetwork _network;
    private readonly Random _random;
    private readonly int _bytesMax, _wholeBytes;
    private int _cuts, _inARow;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="bytesMax">Before most connections are cut, at most.</param>
    /// <param name="wholeBytes">Before one is cut that is left alone.</param>
    public RandomCuts(Uri server, int seed, int bytesMax, int wholeBytes = 60_000)
    {
        (_random, _bytesMax, _wholeBytes) = (new Random(seed), bytesMax, wholeBytes);
        _network = new RelayNetwork(server, _ => Choose());
    }

    public Uri Address => _network.Address;
    public int Cuts => _cuts;

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private Relay Choose()
    {
        var isWhole = _inARow >= InARowMax;
        _inARow = isWhole ? 0 : _inARow + 1;
        var (bytes, isUp) = (isWhole ? _wholeBytes : _random.Next(_bytesMax), _random.Next(4) == 0);
        return (client, server, cut) => Task.WhenAll(
            CopyAsync(server, client, isUp ? int.MaxValue : bytes, cut), CopyAsync(client, server, isUp ? bytes : int.MaxValue, cut));
    }

    private async Task CopyAsync(Socket from, Socket to, int most, CancellationTokenSource cut)
    {
        var buffer = new byte[8 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cut.Token) is > 0 and var read)
            {
                var passed = Math.Min(read, most);
                if (passed > 0) await to.SendAsync(buffer.AsMemory(0, passed), cut.Token);
                most -= passed;
                if (passed == read) continue;
                Interlocked.Increment(ref _cuts);
                break;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the other direction was cut
        }
        await cut.CancelAsync();
    }
}
